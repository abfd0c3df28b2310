# A static binary in an empty image: no shell, no package manager, no root.
#
#   docker build -t tocsin --build-arg VERSION=$(git describe --tags --always) .
#   docker run --rm -v tocsin:/data -e SLACK_BOT_TOKEN -e SLACK_APP_TOKEN -e PAGERDUTY_ROUTING_KEY tocsin
#   docker run --rm -v tocsin:/data tocsin list          # reads what the running bot recorded
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=
# timetzdata puts the time zones into the binary: the empty image has none, and a policy names one.
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -tags timetzdata -ldflags "-s -w -X main.version=${VERSION}" -o /out/tocsin ./cmd/tocsin \
    && mkdir /out/data

FROM scratch
# What Go trusts when it calls Slack and PagerDuty.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/tocsin /tocsin
# An empty volume takes over the owner of the directory it is mounted on.
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
# Without REDIS_URL, everything that must survive is in /data. Nothing listens unless TOCSIN_HTTP_ADDR says so.
ENV TOCSIN_DATA_DIR=/data
VOLUME ["/data"]
# A process that cannot work ends, and a restart policy starts it again; whether it is of use says /readyz, to whoever can ask over HTTP.
# A health check inside the image could only start a second program that says less.
HEALTHCHECK NONE
STOPSIGNAL SIGTERM
ENTRYPOINT ["/tocsin"]
CMD ["serve"]
