// Palier: headers of what a progressive web app is installed by. Runtime cloudfront-js-2.0.
// TABLES is put here by palier_stacks.cdn.code: manifests, workers, scope.
const TABLES = {};

function handler(event) {
    const response = event.response;
    if (response.statusCode >= 400) {
        return response;
    }
    if (TABLES.manifests.indexOf(event.request.uri) >= 0) {
        // W3C Web Application Manifest: media type application/manifest+json.
        response.headers['content-type'] = { value: 'application/manifest+json' };
        response.headers['cache-control'] = { value: 'public, max-age=300' };
    }
    if (TABLES.workers.indexOf(event.request.uri) >= 0) {
        response.headers['content-type'] = { value: 'text/javascript; charset=utf-8' };
        // A worker that is kept keeps a broken release alive on every device.
        response.headers['cache-control'] = { value: 'no-cache' };
        response.headers['service-worker-allowed'] = { value: TABLES.scope };
    }
    return response;
}
