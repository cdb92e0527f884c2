# Melicon on the CPU. The base image is an argument, for registries and mirrors other than the usual one:
#   docker build --build-arg BASE=registry.example.org/python:3.12-slim -t melicon .
ARG BASE=python:3.12-slim

FROM ${BASE} AS build
WORKDIR /src
RUN python3 -m venv /opt/melicon
COPY constraints.txt .
# uv takes PyTorch's CPU build; where its index cannot be reached, pip takes what it finds
RUN /opt/melicon/bin/pip install --no-cache-dir -c constraints.txt uv \
 && { UV_HTTP_TIMEOUT=15 /opt/melicon/bin/uv pip install -q --python /opt/melicon/bin/python --torch-backend=cpu \
        -c constraints.txt torch \
      || /opt/melicon/bin/pip install --no-cache-dir -c constraints.txt torch; }
COPY . .
RUN /opt/melicon/bin/pip install --no-cache-dir -c constraints.txt .

FROM ${BASE}
COPY --from=build /opt/melicon /opt/melicon
RUN useradd --uid 10001 --home-dir /data --create-home --shell /usr/sbin/nologin melicon
ENV PATH=/opt/melicon/bin:$PATH DATA_DIR=/data NUMBA_CACHE_DIR=/data/.numba PYTHONDONTWRITEBYTECODE=1
USER melicon
WORKDIR /data
VOLUME /data
# "ready" needs the gateway; training keeps the processor busy, hence the patience
HEALTHCHECK --interval=30s --timeout=20s --start-period=60s --retries=5 CMD ["melicon", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["melicon"]
CMD ["bot"]
