exports.handler = async () => require("../index.js").nested.deeper.handler();
