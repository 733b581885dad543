# Clockout's image: docker build -t clockout .
# The bundle is the same on all platforms, so the build stage always runs on the builder's own. For several platforms:
# docker buildx build --platform linux/amd64,linux/arm64 -t registry.example.com/clockout:0.1.0 --push .
# The digest is that of the index for all platforms. To use a mirror: --build-arg BASE=registry.example.com/mirror/node@sha256:…
# https://github.com/docker-library/repo-info/blob/master/repos/node/remote/24.21.0-slim.md
ARG BASE=node:24.21.0-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6

FROM --platform=$BUILDPLATFORM $BASE AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# With the optional dependencies, because esbuild's binary is one. The final image contains none of them.
RUN npm ci --ignore-scripts
COPY src src
COPY scripts scripts
RUN npm run build

FROM $BASE
COPY LICENSE /app/
COPY --from=build /build/dist /app
# A number, so that the kubelet can check runAsNonRoot.
USER 65532:65532
ENV NODE_ENV=production
EXPOSE 8443 9090
ENTRYPOINT ["node", "/app/clockout.mjs"]
CMD ["serve"]
