# SPDX-License-Identifier: MIT
"""Inputs of the uses: small projects that are written anew for each run."""
import os
import subprocess


def put(folder, files):
    for name, text in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())


def javascript(folder):
    put(folder, {
        "src/app.ts": "import { twice } from './lib/twice';\nimport data from './data.json';\nenum Color { Red, Green = 4 }\n"
                      "export class App<T> { #secret = 1; constructor(private value: T) {} get() { return [this.value, this.#secret] } }\n"
                      "export const total: number = twice(Color.Green) + data.n;\nconsole.log(`total ${total}`, data?.deep?.list ?? []);\n"
                      "export async function load() { return import('./lazy') }\n",
        "src/lib/twice.ts": "export function twice(n: number): number { return n * 2 }\nexport const unused = 'not used';\n",
        "src/lazy.ts": "import { twice } from './lib/twice';\nexport default () => twice(21);\n",
        "src/data.json": '{"n": 5, "deep": {"list": [1, 2, 3]}}\n',
        "src/view.jsx": "export const View = ({ items }) => <ul class='list'>{items.map(i => <li key={i}>{i}</li>)}<></></ul>;\n",
        "src/style.css": "@import './base.css';\n.list { color: #ff0000; margin: 0px 0px 0px 0px; &:hover { color: rgba(0, 0, 0, 0.5) } }\n",
        "src/base.css": "body { background: url(./dot.svg) }\n",
        "src/dot.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>\n",
        "src/bad.ts": "let x = (1 + ;\nconst y = 'no end\n",
        "src/wrong.ts": "import { twice } from './lib/twice';\nconst text: string = twice(2);\nlet n: number = 'a';\nexport { text, n };\n",
        "tsconfig.json": '{"compilerOptions": {"target": "es2020", "module": "esnext", "moduleResolution": "bundler", "strict": true, '
                         '"resolveJsonModule": true, "rootDir": "src", "outDir": "out", "declaration": true, "sourceMap": true}, "files": ["src/app.ts"]}\n',
    })
    # A larger one: many modules that import each other.
    for i in range(120):
        imports = "".join(f"import {{ f{j} }} from './m{j}';\n" for j in (i + 1, i + 7) if j < 120)
        calls = " + ".join([f"f{j}(x)" for j in (i + 1, i + 7) if j < 120] or ["x"])
        put(folder, {f"many/m{i}.ts": f"{imports}export function f{i}(x: number): number {{\n\tconst table = [{', '.join(str(k * i) for k in range(40))}];\n"
                                      f"\treturn table[x % 40] + {calls};\n}}\n"})


def git(folder, *arguments):
    subprocess.run(["git", "-c", "user.name=T", "-c", "user.email=t@example.org", *arguments], cwd=folder, check=True, capture_output=True)


def repository(folder):
    put(folder, {
        "lefthook.yml": "output: [summary, failure, execution, execution_out]\n"
                        "pre-commit:\n  parallel: false\n  commands:\n    list:\n      glob: '*.js'\n      run: echo files {staged_files}\n"
                        "    count:\n      run: ls | wc -l\n"
                        "pre-push:\n  commands:\n    refuse:\n      run: echo refused && exit 3\n"
                        "tools:\n  commands:\n    signal:\n      run: kill -TERM $$\n    env:\n      env:\n        WORD: value\n      run: echo $WORD\n"
                        "fix:\n  commands:\n    rewrite:\n      run: sed -i s/one/two/ one.js\n      stage_fixed: true\n",
        "one.js": "console.log('one')\n", "two.js": "console.log('two')\n", "notes.txt": "text\n"})
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    put(folder, {"one.js": "console.log('one again')\n"})
    git(folder, "add", "one.js")


def code(folder):
    put(folder, {
        "a.js": "var a = 1;\nconsole.log(a);\nif (a == 2) { console.log('two', a) }\nlet unused = 3\ndebugger;\n",
        "lib/b.ts": "export function add(x: number, y: number) { console.log(x); return x + y }\nfor (const k in {}) console.log(k as any);\n",
        "lib/c.tsx": "export const C = () => <div onClick={() => console.log('c')}><img src='x.png'/></div>;\n",
        "lib/d.json": '{"b":1,\n"a": [1,2,   3]}\n',
        "style.css": "a{color:red;color:blue}\n.b { }\n",
        "py/e.py": "def f(x):\n    print(x)\n    return x == None\n",
        "rs/f.rs": "fn main() { let v = vec![1]; println!(\"{}\", v.get(0).unwrap()); }\n",
        "broken.js": "function ( {\n",
        "rules/no-log.yml": "id: no-log\nlanguage: TypeScript\nseverity: warning\nmessage: no logging of $A\nrule:\n  pattern: console.log($A)\nfix: ''\n",
        "rules/none.yml": "id: none-is\nlanguage: Python\nseverity: error\nmessage: compare with is\nrule:\n  pattern: $X == None\nfix: $X is None\n",
        "tests/none-test.yml": "id: none-is\nvalid:\n  - x is None\ninvalid:\n  - x == None\n",
        "sgconfig.yml": "ruleDirs: [rules]\ntestConfigs:\n  - testDir: tests\n",
    })


def site(folder):
    words = "whale ship ocean captain voyage harpoon sailor storm island harbour".split()
    for i in range(40):
        text = " ".join(words[(i * k) % len(words)] for k in range(1, 60))
        put(folder, {f"site/page{i}.html": f"<!doctype html><html lang='{'en' if i % 4 else 'de'}'><head><title>Page {i}</title></head><body><main>"
                                           f"<h1 id='top'>Page {i}</h1><p data-pagefind-filter='kind:{words[i % 3]}'>{text}</p></main></body></html>\n"})
    put(folder, {"site/zh.html": "<!doctype html><html lang='zh'><body><main><h1>\u4f60\u597d</h1><p>\u6211\u4eec\u5728\u6d77\u4e0a\u822a\u884c</p></main></body></html>\n",
                 "site/notes.txt": "not a page\n"})


def files(folder):
    put(folder, {"in/text.txt": "".join(f"line {i} of a text that is easy to pack\n" for i in range(4000)),
                 "in/empty": "", "in/deep/er/leaf.bin": bytes((i * i * 7 + i) % 256 for i in range(50000)),
                 "in/r\u00e9sum\u00e9.txt": "a name beyond ASCII\n", "in/script.sh": "#!/bin/sh\necho hi\n", "damaged.7z": b"7z\xbc\xaf\x27\x1c" + bytes(60)})
    os.chmod(os.path.join(folder, "in/script.sh"), 0o755)
    os.symlink("text.txt", os.path.join(folder, "in/link"))
    for path, names, inner in os.walk(os.path.join(folder, "in")):
        for name in names + inner:
            os.utime(os.path.join(path, name), (1700000000, 1700000000), follow_symlinks=False)
    os.utime(os.path.join(folder, "in"), (1700000000, 1700000000))
