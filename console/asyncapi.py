"""The AsyncAPI document: every topic, and each message in every version ever published."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from console.schemas import ID, INSTANT, INTEGER, Schema
from contracts.event import Declaration
from eventing.topics import CONTENT_TYPE, PARTITIONS, SETTINGS, topic_of
from notary.checkpoint_topic import LOGS
from notary.checkpoint_topic import TOPIC as CHECKPOINTS

COMPONENT = "#/components/schemas/"
KAFKA = "0.5.0"
"""Of the AsyncAPI bindings for Kafka."""

_KEPT = {"cleanup.policy": [SETTINGS["cleanup.policy"]], "retention.ms": -1, "retention.bytes": -1}


def record_schema() -> Schema:
    """The envelope of every event: `docs/record-format.md` as a schema."""
    said: dict[str, tuple[Schema, str]] = {
        "specversion": ({"const": "1.0"}, "Of CloudEvents."),
        "recordformat": ({"const": 1}, "Of docs/record-format.md."),
        "id": (ID, "The event's own id."),
        "source": (
            {"type": "string", "format": "uri-reference"},
            "`//`, the installation's origin, `/` and the service whose log it is in.",
        ),
        "type": ({"type": "string", "pattern": "^[a-z]+(-[a-z]+)*$"}, "The event's name."),
        "typeversion": ({**INTEGER, "minimum": 1}, "Version of the event's declaration."),
        "subject": ({"type": "string"}, "The stream."),
        "streamversion": ({**INTEGER, "minimum": 1}, "The stream's version with this event."),
        "time": (INSTANT, "When the fact happened."),
        "recordedtime": (INSTANT, "When it was recorded."),
        "actor": ({**ID, "x-openness": "pseudonymous"}, "The person or program that did it."),
        "onbehalfof": ({**ID, "x-openness": "pseudonymous"}, "For whom a program acted."),
        "causationid": (ID, "The event that this one follows from."),
        "correlationid": (ID, "What began all of it."),
        "traceparent": ({"type": "string"}, "W3C Trace Context of the request."),
        "datacontenttype": ({"const": "application/json"}, "Of `data`."),
        "dataschema": ({"type": "string", "format": "uri"}, "The JSON Schema of `data`."),
        "data": ({"type": "object"}, "The event itself, by the schema of its type and version."),
    }
    optional = {"onbehalfof", "causationid", "correlationid", "traceparent"}
    return {
        "title": "Record",
        "description": "One event as it is hashed, stored, published and exported.",
        "type": "object",
        "properties": {
            name: {**schema, "description": words} for name, (schema, words) in said.items()
        },
        "required": [name for name in said if name not in optional],
    }


def document(
    declarations: Iterable[Declaration],
    schemas: Mapping[str, Schema],
    examples: Mapping[str, bytes],
) -> dict[str, Any]:
    """From the schemas and the golden records of every version, by `<event>.v<version>`."""
    services = {each.name: each.service for each in declarations}
    by_channel = {
        service: [
            version for version in schemas if services.get(_event(version)) in (service, None)
        ]
        for service in LOGS
    }
    components: dict[str, Schema] = {"Record": record_schema()}
    messages: dict[str, Any] = {"checkpoint": _checkpoint()}
    for version, schema in schemas.items():
        components.update(_components(version, schema))
        messages[version] = _message(version, schema, examples.get(version))
    channels = {
        **{service: _channel(service, versions) for service, versions in by_channel.items()},
        "checkpoints": _checkpoints(),
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Vòng Tay",
            "version": "1.0.0",
            "description": "Every fact of the platform, in the order in which it was recorded. "
            "Messages follow the Kafka binding of CloudEvents 1.0, structured mode. "
            "The key of a message is its stream; the header `position` is dense in each service.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
            "tags": [{"name": "cloudevents"}, {"name": "event-sourcing"}],
        },
        "servers": _servers(),
        "defaultContentType": CONTENT_TYPE.decode(),
        "channels": channels,
        "operations": {
            f"publish-{name}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{name}"},
                "messages": [
                    {"$ref": f"#/channels/{name}/messages/{each}"} for each in channel["messages"]
                ],
            }
            for name, channel in channels.items()
        },
        "components": {"messages": messages, "schemas": dict(sorted(components.items()))},
    }


def _event(version: str) -> str:
    return version.rpartition(".v")[0]


def _servers() -> dict[str, Any]:
    return {
        "demo": {
            "host": "127.0.0.1:19092",
            "protocol": "kafka",
            "description": "What `make demo` runs.",
        },
        "installation": {
            "host": "{brokers}",
            "protocol": "kafka",
            "description": "An installation, as its operator names it.",
            "variables": {"brokers": {"description": "Brokers, as host:port,host:port."}},
        },
    }


def _channel(service: str, versions: Iterable[str]) -> dict[str, Any]:
    topic = topic_of(service)
    return {
        "address": topic,
        "title": service,
        "description": f"All of {service}: {PARTITIONS} partitions by stream, kept for ever.",
        "messages": {each: {"$ref": f"#/components/messages/{each}"} for each in versions},
        "bindings": {
            "kafka": {
                "topic": topic,
                "partitions": PARTITIONS,
                "topicConfiguration": _KEPT,
                "bindingVersion": KAFKA,
            }
        },
    }


def _checkpoints() -> dict[str, Any]:
    return {
        "address": CHECKPOINTS,
        "title": "checkpoints",
        "description": "What each log's notary signed, kept for ever: one partition for each log, "
        f"in the order {', '.join(LOGS)}.",
        "messages": {"checkpoint": {"$ref": "#/components/messages/checkpoint"}},
        "bindings": {
            "kafka": {
                "topic": CHECKPOINTS,
                "partitions": len(LOGS),
                "topicConfiguration": _KEPT,
                "bindingVersion": KAFKA,
            }
        },
    }


def _checkpoint() -> dict[str, Any]:
    return {
        "name": "checkpoint",
        "title": "Signed checkpoint",
        "summary": "How many records a log had, and the root of their tree: a signed note.",
        "description": "The text of a C2SP tlog-checkpoint, as docs/audit-format.md describes it.",
        "contentType": "text/plain; charset=utf-8",
        "payload": {"type": "string"},
        "bindings": {"kafka": {"key": {"enum": list(LOGS)}, "bindingVersion": KAFKA}},
    }


def _components(version: str, schema: Schema) -> dict[str, Schema]:
    """The schema as a component, and its parts; a part of an older version is its own."""
    parts = {_part(version, name): part for name, part in schema.get("$defs", {}).items()}
    top = {key: value for key, value in schema.items() if key not in ("$schema", "$id", "$defs")}
    return {
        name: json.loads(_pointing(json.dumps(each), version, schema))
        for name, each in {version: top, **parts}.items()
    }


def _part(version: str, name: str) -> str:
    return f"{version}.{name}"


def _pointing(text: str, version: str, schema: Schema) -> str:
    for name in schema.get("$defs", {}):
        text = text.replace(f'"#/$defs/{name}"', f'"{COMPONENT}{_part(version, name)}"')
    return text


def _message(version: str, schema: Schema, example: bytes | None) -> dict[str, Any]:
    name, _, number = version.rpartition(".v")
    shown = {} if example is None else {"examples": [_example(name, example)]}
    return {
        "name": version,
        "title": f"{schema['title']}, version {number}",
        "summary": schema["description"],
        "contentType": CONTENT_TYPE.decode(),
        "headers": {
            "type": "object",
            "required": ["content-type", "position", "type"],
            "properties": {
                "content-type": {"const": CONTENT_TYPE.decode()},
                "position": {
                    "type": "string",
                    "pattern": "^[1-9][0-9]*$",
                    "description": "The event's place in its service's log, dense from 1.",
                },
                "type": {"const": name},
            },
        },
        "payload": {
            "allOf": [
                {"$ref": f"{COMPONENT}Record"},
                {
                    "type": "object",
                    "properties": {
                        "type": {"const": name},
                        "typeversion": {"const": int(number)},
                        "data": {"$ref": f"{COMPONENT}{version}"},
                    },
                },
            ]
        },
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": "The stream, as `subject` says it."},
                "bindingVersion": KAFKA,
            }
        },
        **shown,
    }


def _example(name: str, record: bytes) -> dict[str, Any]:
    return {
        "name": "golden",
        "headers": {"content-type": CONTENT_TYPE.decode(), "position": "1", "type": name},
        "payload": json.loads(record),
    }
