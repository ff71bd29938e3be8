// Finds the handler that _HANDLER names, "folder/file.export", below the
// function's folder: the file by require or, where it is an ES module, import.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { HandlerNotFound, ImportModuleError, MalformedHandlerName, UserCodeSyntaxError } from "./errors.mjs";

export async function loadHandler(root, name) {
  if (name.includes("..")) {
    throw new MalformedHandlerName(
      `'${name}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const base = path.basename(name);
  const dot = base.indexOf(".");
  if (dot < 0) throw new MalformedHandlerName("Bad handler");
  const module = path.join(path.dirname(name), base.slice(0, dot));

  const loaded = await load(root, module);
  const handler = base.slice(dot + 1).split(".").reduce((value, key) => value?.[key], loaded);
  if (!handler) throw new HandlerNotFound(`${name} is undefined or not exported`);
  if (typeof handler !== "function") throw new HandlerNotFound(`${name} is not a function`);
  return handler;
}

async function load(root, module) {
  try {
    return await loadFile(root, path.resolve(root, module), module);
  } catch (error) {
    hint(error);
    if (error instanceof SyntaxError) throw new UserCodeSyntaxError(error);
    if (error?.code === "MODULE_NOT_FOUND") throw new ImportModuleError(error);
    throw error;
  }
}

// loadFile takes the first of the files that Lambda looks for, in its order.
async function loadFile(root, file, module) {
  const require = createRequire(path.join(root, "handler"));
  const isModule = existsSync(file + ".js") && inModulePackage(path.dirname(file));
  const ways = [
    ["", require],
    [".js", isModule ? load : require],
    [".mjs", load],
    [".cjs", require],
  ];
  for (const [extension, way] of ways) {
    if (existsSync(file + extension)) return await way(file + extension);
  }
  return require(module); // a package of the function's own

  function load(name) {
    return import(pathToFileURL(name));
  }
}

// inModulePackage says whether .js files of a folder are ES modules: the
// nearest package.json has the last word.
function inModulePackage(folder) {
  if (path.basename(folder) === "node_modules") return false;
  const manifest = path.join(folder, "package.json");
  if (existsSync(manifest)) {
    try {
      return JSON.parse(readFileSync(manifest, "utf8")).type === "module";
    } catch (error) {
      console.warn(`${manifest} cannot be read, it will be ignored for ES module detection purposes.`, error);
      return false;
    }
  }
  const parent = path.dirname(folder);
  return parent !== folder && inModulePackage(parent);
}

// hint explains the one difference to Lambda that people run into.
function hint(error) {
  if (/MODULE_NOT_FOUND/.test(error?.code) && /'@(aws-sdk|smithy)\//.test(error.message)) {
    console.warn(
      "Lambda's nodejs runtime brings the AWS SDK along, this machine's Node does not: " +
        "bundle it into the function's code, or install it where the cloud assembly's folder finds it in a node_modules above",
    );
  }
}
