// Output format of `formatjs extract`: a flat, sorted map from id to English text.
exports.format = (messages) => {
    const out = {};
    for (const id of Object.keys(messages).sort()) {
        out[id] = messages[id].defaultMessage;
    }
    return out;
};
exports.compile = (messages) => messages;
exports.compareMessages = (a, b) => (a.key < b.key ? -1 : 1);
