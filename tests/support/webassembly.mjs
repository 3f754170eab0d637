// Story files under the WebAssembly build of MicroPython, by micropython-lib's own unittest, which that build freezes.
// node webassembly.mjs PACKAGE ROOT MODULE: closes with "passed N"; exit status 1 when a story fails.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [packageFolder, root, module] = process.argv.slice(2);
const { loadMicroPython } = await import(pathToFileURL(join(packageFolder, "micropython.mjs")).href);
const python = await loadMicroPython({ linebuffer: true, stdout: (line) => console.log(line) });

for (const folder of ["firmware", "tests/firmware/both"]) {
  python.FS.mkdirTree("/box/" + folder);
  for (const name of readdirSync(join(root, folder))) {
    if (name.endsWith(".py")) python.FS.writeFile(`/box/${folder}/${name}`, readFileSync(join(root, folder, name)));
  }
}
python.globals.set("name", module);
python.runPython(`
import sys
sys.path.insert(0, "/box")
import unittest
suite = unittest.TestSuite(name)
suite._load_module(__import__(name, None, None, ["x"]))
result = unittest.TestRunner().run(suite)
passed = result.testsRun if result.wasSuccessful() else 0
`);
const passed = python.globals.get("passed");
if (passed) console.log(`passed ${passed}`);
process.exit(passed ? 0 : 1);
