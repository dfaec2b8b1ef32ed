FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements.txt /tmp/requirements.txt
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --require-hashes -r /tmp/requirements.txt


FROM python:3.13-slim-bookworm
# Versions of Debian's packages move with its security updates; pinning them would pin the holes.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --no-install-recommends -y \
      libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
      fonts-dejavu-core fonts-noto-core fonts-noto-cjk \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --create-home plumbline \
 && install -d -o plumbline -g plumbline /data

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PRODUCTION=1 \
    VAR_DIR=/data \
    STATIC_ROOT=/app/static-collected \
    PORT=8000
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY . .
# Static files are named by their content and compressed once, here; nothing of these settings stays.
RUN PRODUCTION=1 SECRET_KEY=only-while-collecting-static-files-nothing-is-signed-with-it ALLOWED_HOSTS=build \
      VAR_DIR=/tmp/build python manage.py collectstatic --noinput --verbosity 0 \
 && rm -rf /tmp/build

USER 10001
VOLUME /data
EXPOSE 8000
# The worker and beat containers turn this off: only web listens.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import http.client, os; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['PORT']), timeout=4); c.request('GET', '/healthz', headers={'Host': os.environ['ALLOWED_HOSTS'].split(',')[0]}); assert c.getresponse().status == 200"]
CMD ["sh", "-c", "exec gunicorn config.wsgi --bind 0.0.0.0:$PORT --worker-class gthread --workers ${WEB_CONCURRENCY:-2} --threads 4 --worker-tmp-dir /dev/shm --no-control-socket --access-logfile -"]
