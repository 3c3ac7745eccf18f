# The one image: operator, rendezvous and workers (pods, Knative and AWS Lambda) run different commands of it.
#
#     docker build -t excamera:dev .            # or: buildah build -t excamera:dev .
#     docker build --build-arg BASE=registry.example/debian:bookworm-slim .
#
# It runs as nobody in particular, writes only to /tmp (and wherever a volume is mounted), and needs no shell.
ARG BASE=docker.io/library/debian:bookworm-slim

# --- xc, the codec
FROM ${BASE} AS native
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
      cmake g++ libvpx-dev ninja-build pkg-config
COPY native /src/native
RUN cmake -S /src/native -B /build -G Ninja -DCMAKE_BUILD_TYPE=Release -DXC_TESTS=OFF \
 && ninja -C /build xc \
 && strip /build/xc

# --- the Python packages: those of the lock file first, as they change seldom
FROM ${BASE} AS python
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends python3 python3-venv
RUN python3 -m venv /opt/excamera
WORKDIR /src
COPY requirements.lock ./
RUN /opt/excamera/bin/pip install --quiet --no-cache-dir --no-deps --require-hashes -r requirements.lock
# What nobody reads: botocore describes every service of AWS, where these are spoken to or give
# credentials; and kubernetes holds its client a second time, for asyncio.
RUN cd /opt/excamera/lib/python3*/site-packages \
 && find botocore/data -mindepth 1 -maxdepth 1 -type d \
      ! -name ecr ! -name iam ! -name lambda ! -name logs ! -name s3 ! -name sso ! -name sso-oidc ! -name sts \
      -exec rm -r {} + \
 && rm -rf kubernetes/aio
# What builds the wheel, in the versions of the lock file, stays out of the image.
COPY requirements-dev.lock pyproject.toml ./
RUN python3 -m venv /build \
 && sed -E '/^ +--hash/d; s/ *\\$//' requirements-dev.lock >/constraints \
 && python3 -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' >/requires \
 && /build/bin/pip install --quiet --no-cache-dir --constraint /constraints --requirement /requires
COPY README.md LICENSE NOTICE ./
COPY make/build_hook.py make/
COPY crds crds
COPY proto proto
COPY worker worker
COPY rendezvous rendezvous
COPY operator operator
RUN /build/bin/pip wheel --quiet --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheel . \
 && /opt/excamera/bin/pip install --quiet --no-cache-dir --no-deps /wheel/*.whl \
 && /opt/excamera/bin/pip uninstall --quiet --yes pip setuptools

# --- the image
FROM ${BASE}
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends ca-certificates libvpx7 python3 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/*
COPY --from=python /opt/excamera /opt/excamera
COPY --from=native /build/xc /opt/excamera/bin/xc
# What it is made of, in CycloneDX: see make/sbom.py.
COPY make/sbom.py /tmp/sbom.py
RUN python3 /tmp/sbom.py --site-packages /opt/excamera/lib/python3*/site-packages --debian -o /opt/excamera/sbom.cdx.json && rm /tmp/sbom.py
ENV PATH=/opt/excamera/bin:/usr/local/bin:/usr/bin:/bin HOME=/tmp PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /tmp
USER 65532:65532
CMD ["excamera", "--help"]
