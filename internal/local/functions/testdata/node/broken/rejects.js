Promise.reject(new TypeError("while loading"));
exports.handler = async () => {};
