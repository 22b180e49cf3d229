# Coach as one image: web, worker, scheduler and migrate differ only in their command.
FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/coach
ENV PATH=/opt/coach/bin:$PATH
WORKDIR /app
# The lock first: this layer is built again only when a dependency changes. requirements-extras.lock
# adds error reports, traces and keys kept in AWS.
ARG LOCK=requirements.lock
COPY requirements.lock requirements-extras.lock ./
RUN pip install --require-hashes --requirement ${LOCK}
COPY config.py wsgi.py ./
COPY coach coach
COPY migrations migrations
RUN pybabel compile --directory coach/translations \
    && printf '#!/bin/sh\nexec /opt/coach/bin/python -m coach "$@"\n' > /opt/coach/bin/coach \
    && chmod +x /opt/coach/bin/coach

FROM python:3.12-slim
# The volume for uploads takes its owner from this folder.
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/coach --create-home coach
COPY --from=build /opt/coach /opt/coach
COPY --from=build /app /app
ENV PATH=/opt/coach/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONPATH=/app \
    TZ=UTC \
    ENVIRONMENT=production \
    COACH_HOME=/var/lib/coach \
    HOST=0.0.0.0 \
    PORT=8000
WORKDIR /app
USER coach
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s \
    CMD ["python", "-m", "coach.runtime.alive", "web"]
CMD ["coach", "web"]
