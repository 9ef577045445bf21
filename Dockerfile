# One image for every process of Vòng Tay: five services (web and worker), the migration job, and
# the operator's `vongtay` command. Which of them a container is, its command says.

FROM python:3.13-slim AS packages
RUN python -m venv --without-pip /opt/vongtay
COPY requirements/image.lock /tmp/image.lock
# Wheels alone: nothing is compiled here, and nothing but what the hashes name is installed.
RUN python -m pip --python /opt/vongtay/bin/python install --no-cache-dir --no-compile \
        --disable-pip-version-check --only-binary :all: --require-hashes --requirement /tmp/image.lock

FROM python:3.13-slim AS code
COPY --from=packages /opt/vongtay /opt/vongtay
COPY . /app
RUN rm -rf /app/requirements \
    && printf '#!/bin/sh\nexec /opt/vongtay/bin/python -m console "$@"\n' > /opt/vongtay/bin/vongtay \
    && chmod 755 /opt/vongtay/bin/vongtay \
    # The root file system is read-only when it runs: what Python would write beside the code is
    # written now. Checked by content, so that layers are the same whenever they are built.
    && /opt/vongtay/bin/python -m compileall -q --invalidation-mode unchecked-hash \
        /opt/vongtay/lib /app

FROM python:3.13-slim
RUN groupadd --gid 10001 vongtay \
    && useradd --uid 10001 --gid vongtay --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin vongtay \
    # A volume that is mounted here is its own; in production nothing is.
    && install --directory --owner vongtay --group vongtay /var/lib/vongtay
COPY --from=code /opt/vongtay /opt/vongtay
COPY --from=code /app /app
ENV PATH=/opt/vongtay/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
USER 10001:10001
STOPSIGNAL SIGTERM
CMD ["vongtay", "--help"]
