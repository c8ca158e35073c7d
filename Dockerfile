FROM python:3.12-slim

# Pango prints PDF files; without it they wait, and everything else goes on.
RUN apt-get update && apt-get install -y --no-install-recommends \
      libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core fonts-liberation \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --create-home kontor \
    && install -d -o kontor -g kontor -m 0700 /state /files
WORKDIR /app
COPY requirements/run.lock requirements/run.lock
RUN pip install --no-cache-dir --require-hashes -r requirements/run.lock
COPY . .

USER kontor
ENV KONTOR_HOME=/state KONTOR_FILES=/files PYTHONUNBUFFERED=1
EXPOSE 8000
# The words are those of ./kontor; packages are in the image, so its first steps are not needed.
ENTRYPOINT ["python", "-m", "billing_platform.frontdoor"]
CMD ["web", "--host", "0.0.0.0"]
