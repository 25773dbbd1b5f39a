# Two stages of the same base: what builds stays behind.
FROM node:24-bookworm-slim AS build
WORKDIR /build/app
COPY package.json package-lock.json .npmrc ./
# The lockfile's own Node is for machines that have none; this image has one.
RUN npm ci --omit=dev && rm -rf node_modules/node-*-x64 node_modules/node-*-arm64 node_modules/.bin/node
COPY bin bin
COPY src src
WORKDIR /build
RUN mkdir -m 700 data

FROM node:24-bookworm-slim
WORKDIR /app
COPY --from=build /build/app ./
# A new volume takes over the owner and the mode of the folder that it covers.
COPY --from=build --chown=1000:1000 /build/data /data
# No signal opens the debugger of Node.
ENV NODE_OPTIONS=--disable-sigusr1
ENV NODE_ENV=production HOST=0.0.0.0 PORT=5000 MANYDOORS_DATA=/data MANYDOORS_METRICS_HOST=0.0.0.0
VOLUME /data
EXPOSE 5000 9464
# The user `node` of the base image, as a number, so that Kubernetes can see that it is not root.
USER 1000:1000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["node", "bin/health-check.js"]
ENTRYPOINT ["node", "bin/manydoors.js"]
CMD ["serve"]
