"""Which of the two languages a person reads."""

from contracts.languages import Language


def language_of(accept_language: str | None) -> Language:
    """Vietnamese, unless English is preferred to it (RFC 9110, section 12.5.4)."""
    best: Language = "vi"
    best_weight = 0.0
    for item in (accept_language or "").split(","):
        tag, _, parameter = item.partition(";")
        language = tag.strip().lower().partition("-")[0]
        weight = _weight(parameter)
        if language == "en" and weight > best_weight:
            best, best_weight = "en", weight
        elif language == "vi" and weight > best_weight:
            best, best_weight = "vi", weight
    return best


def _weight(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
