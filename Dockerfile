# The page, built with Node and left behind.
FROM node:20-slim AS page
WORKDIR /build/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
RUN npm run build

# The Python environment, with the CPU build of torch (the default one is ten times as large).
FROM python:3.11-slim AS environment
RUN python -m venv /venv
COPY requirements.txt .
RUN /venv/bin/pip install --no-cache-dir \
    --extra-index-url https://download.pytorch.org/whl/cpu -r requirements.txt

FROM python:3.11-slim
RUN useradd --create-home --uid 10001 surgeon
WORKDIR /app
COPY --from=environment /venv /venv
COPY --from=page /build/frontend/dist frontend/dist
COPY attention_surgery attention_surgery
USER surgeon
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
