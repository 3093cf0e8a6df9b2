import Module from 'module';

import {packagesOf} from './vitest.packages';

// What is required by a package is not seen by the aliases of vitest, so it is led to the same version here.
const aliases = packagesOf(process.env.REACT);
const resolver = Module as unknown as {_resolveFilename: (request: string, ...rest: unknown[]) => string};
const original = resolver._resolveFilename;
resolver._resolveFilename = function resolve(request, ...rest) {
    const found = aliases.find(({find}) => find.test(request));
    return original.call(this, found ? request.replace(found.find, found.replacement) : request, ...rest);
};
