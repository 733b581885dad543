# The image of the webhook: docker build -t clockout .
FROM node:24.21.0-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY src src
COPY scripts scripts
RUN npm run build

FROM node:24.21.0-slim
COPY LICENSE /app/
COPY --from=build /build/dist /app
# By number, so that the kubelet can check runAsNonRoot.
USER 65532:65532
ENV NODE_ENV=production
EXPOSE 8443 9090
ENTRYPOINT ["node", "/app/clockout.mjs"]
CMD ["serve"]
