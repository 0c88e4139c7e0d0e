# The page, built with Node and left behind.
FROM node:20-slim AS page
WORKDIR /build/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
RUN npm run build

# The package with the page inside, and what it needs to run: no tools of developers, pinned
# versions, the CPU build of torch (the default one is ten times as large).
FROM python:3.11-slim AS environment
# `postgres,cluster` for one that has replicas, or hands its runs to a cluster (kuberay.yaml).
ARG EXTRAS=postgres
RUN python -m venv /venv
WORKDIR /build
COPY pyproject.toml hatch_build.py requirements.txt README.md LICENSE ./
COPY attention_surgery attention_surgery
COPY --from=page /build/frontend/dist frontend/dist
RUN /venv/bin/pip install --no-cache-dir --constraint requirements.txt \
    --extra-index-url https://download.pytorch.org/whl/cpu ".[$EXTRAS]"
# A fifth of it is tests, headers and tools of packages, which nothing here uses.
RUN cd /venv/lib/python3.11/site-packages && rm -rf torch/test torch/include \
    && find . -type d -name tests -prune -exec rm -rf {} + \
    && find torch/bin ! -type d ! -name torch_shm_manager -delete

FROM python:3.11-slim
RUN useradd --create-home --uid 10001 surgeon
WORKDIR /app
COPY --from=environment /venv /venv
# By number: Kubernetes cannot tell of a name that it is not root.
USER 10001
# Volumes keep between containers: at .cache downloaded models, at the other what people save.
RUN mkdir -p /home/surgeon/.cache/huggingface /home/surgeon/.local/share/attention-surgery
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MALLOC_ARENA_MAX=2 \
    ATTENTION_SURGERY_HOST=0.0.0.0 \
    ATTENTION_SURGERY_PORT=8000
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "-c", \
    "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
# exec form: the server itself gets SIGTERM, finishes what runs, and exits with 0.
CMD ["python", "-m", "attention_surgery", "serve"]
