import cf from 'cloudfront';

// Palier: what happens to a request before CloudFront looks into its cache. Runtime cloudfront-js-2.0.
// TABLES is put here by palier_stacks.cdn.code: home, countries, regions, drop, splits.
const TABLES = {};

const store = cf.kvs();
const RADIANS = Math.PI / 180;

async function handler(event) {
    const request = event.request;
    request.querystring = normalised(request.querystring);
    const headers = request.headers;
    if (headers.host) {
        // The load balancer is asked under its own name; this is the one that the viewer asked for.
        headers['x-forwarded-host'] = { value: headers.host.value };
    }
    const split = chosen(request, headers);
    // In the cache key of the dynamic class: a variant must not be served to who asked for another.
    headers['x-palier-variant'] = { value: split ? split.name : 'none' };
    if (split) {
        if (split.prefix) {
            request.uri = split.prefix + request.uri;
        }
        if (split.origin) {
            cf.updateRequestOrigin({ domainName: split.origin });
            return request;
        }
    }
    const region = await nearest(headers);
    if (region) {
        headers['x-palier-region'] = { value: region.name };
        cf.updateRequestOrigin({ domainName: region.host });
    }
    return request;
}

// Names in order, values of one name in theirs; what only tracks is dropped, since no page depends on it.
function normalised(query) {
    const names = Object.keys(query).sort();
    const kept = {};
    for (let at = 0; at < names.length; at++) {
        if (!dropped(names[at].toLowerCase())) {
            kept[names[at]] = query[names[at]];
        }
    }
    return kept;
}

function dropped(name) {
    for (let at = 0; at < TABLES.drop.length; at++) {
        const pattern = TABLES.drop[at];
        const last = pattern.length - 1;
        if (pattern[last] === '*' ? name.indexOf(pattern.slice(0, last)) === 0 : name === pattern) {
            return true;
        }
    }
    return false;
}

// The first split whose path, device and feature fit.
function chosen(request, headers) {
    for (let at = 0; at < TABLES.splits.length; at++) {
        const split = TABLES.splits[at];
        if (below(request.uri, split.path) && (!split.device || split.device === device(headers)) &&
            (!split.feature || wanted(request.cookies, split.feature))) {
            return split;
        }
    }
    return null;
}

// '/shop' is below '/shop' and '/shop/', '/shopping' is not.
function below(uri, path) {
    const trimmed = path.length > 1 && path[path.length - 1] === '/' ? path.slice(0, -1) : path;
    return trimmed === '/' || uri === trimmed || uri.indexOf(trimmed + '/') === 0;
}

function device(headers) {
    if (is(headers, 'cloudfront-is-tablet-viewer')) {
        return 'tablet';
    }
    if (is(headers, 'cloudfront-is-mobile-viewer')) {
        return 'mobile';
    }
    return 'desktop';
}

function is(headers, name) {
    return Boolean(headers[name]) && headers[name].value === 'true';
}

// The cookie palier-features lists names, with dots between: palier-features=new-search.dark
function wanted(cookies, feature) {
    const cookie = cookies && cookies['palier-features'];
    return Boolean(cookie) && cookie.value.split('.').indexOf(feature) >= 0;
}

// The region nearest to the viewer's country among those that have an origin; null leaves the origin at home.
async function nearest(headers) {
    const country = headers['cloudfront-viewer-country'];
    const place = country && TABLES.countries[country.value];
    if (!place) {
        return null;
    }
    const names = (await found('regions') || '').split(',');
    const known = [];
    for (let at = 0; at < names.length; at++) {
        if (TABLES.regions[names[at]]) {
            known.push({ name: names[at], away: distance(place, TABLES.regions[names[at]]) });
        }
    }
    known.push({ name: TABLES.home, away: distance(place, TABLES.regions[TABLES.home]) });
    known.sort(function (one, other) { return one.away - other.away || (one.name < other.name ? -1 : 1); });
    for (let at = 0; at < known.length && known[at].name !== TABLES.home; at++) {
        const host = await found('origin:' + known[at].name);
        if (host) {
            return { name: known[at].name, host: host };
        }
    }
    return null;
}

async function found(key) {
    try {
        return await store.get(key);
    } catch (missing) {
        return null;  // no such key, or no store: home serves
    }
}

// Grows with the great-circle distance, which is all that comparing needs.
function distance(from, to) {
    const up = Math.sin((to[0] - from[0]) * RADIANS / 2);
    const along = Math.sin((to[1] - from[1]) * RADIANS / 2);
    return up * up + Math.cos(from[0] * RADIANS) * Math.cos(to[0] * RADIANS) * along * along;
}
