# SPDX-License-Identifier: MIT
"""Inputs as large as real ones: hundreds and thousands of files, the same bytes each time."""
import os
import random

from fixtures import put

WORDS = ("account archive balance buffer cache channel client column cursor delta device driver engine event factor field filter folder frame graph handle header "
         "index input label layer ledger letter limit margin matrix member message metric module number object offset order packet parent period pixel point policy "
         "profile queue random record region report result sample schema screen sector segment server signal source status stream string symbol system table target "
         "ticket token total tree value vector version volume window worker").split()


def names(chance, count):
    """Different names of two words."""
    found = set()
    while len(found) < count:
        found.add(chance.choice(WORDS) + chance.choice(WORDS).capitalize())
    return sorted(found)


def function(chance, name, calls, types):
    """Loops, branches, a table, calls of other modules."""
    number, numbers = (": number", ": readonly number[]") if types else ("", "")
    lines = [f"export function {name}(x{number}, scale{number} = {chance.randrange(2, 90)}){number} {{",
             f"\tconst table{numbers} = [{', '.join(str(chance.randrange(10000)) for _ in range(24))}];", "\tlet total = table[x % table.length];"]
    for word in chance.sample(WORDS, 5):
        lines.append(f"\tfor (let {word} = 0; {word} < scale; {word}++) {{\n"
                     f"\t\tif ({word} % {chance.randrange(2, 9)} === 0) {{ total += {word} * x; }} else {{ total ^= {word} + {chance.randrange(999)}; }}\n\t}}")
    lines += [f"\ttotal += {call}(total % 7, 1);" for call in calls]
    lines.append(f"\tif (total === {chance.randrange(999)}) {{\n\t\tconsole.log(`{chance.choice(WORDS)} ${{total}}`, '{chance.choice(WORDS)}');\n\t}}\n\treturn total;\n}}")
    return "\n".join(lines) + "\n"


def shape(chance, name):
    """A generic class, an interface and a mapped type: work for a type checker."""
    fields = chance.sample(WORDS, 6)
    record = "".join(f"\t{field}{'?' if i % 3 == 2 else ''}: {('number', 'string', 'boolean', 'readonly string[]')[i % 4]};\n" for i, field in enumerate(fields))
    return (f"export interface {name} {{\n{record}}}\nexport type Partly{name} = {{ [K in keyof {name}]?: {name}[K] extends string ? K : {name}[K] }};\n"
            f"export class {name}Store<T extends {name}> {{\n\tprivate items = new Map<string, T>();\n\tadd(item: T): this {{ this.items.set(item.{fields[1]}, item); return this; }}\n"
            f"\tpick<K extends keyof T>(key: K): T[K][] {{ return [...this.items.values()].map(item => item[key]); }}\n"
            f"\tasync find(wanted: Partial<T>): Promise<T | undefined> {{\n\t\tfor (const item of this.items.values())\n"
            f"\t\t\tif (Object.keys(wanted).every(key => item[key as keyof T] === wanted[key as keyof T])) return item;\n\t\treturn undefined;\n\t}}\n}}\n")


def modules(folder, count, types=True, shapes=False):
    """A tree of modules in folders; each imports some that come later, the first reaches all."""
    chance = random.Random(count)
    for i in range(count):
        later = sorted(j for j in {i * 2 + 1, i * 2 + 2, chance.randrange(i + 1, count + 1), chance.randrange(i + 1, count + 1)} if j < count)
        lines = "".join(f"import {{ f{j} }} from '../d{j % 20}/m{j}';\n" for j in later)
        text = lines + (shape(chance, f"Shape{i}") if shapes else "") + function(chance, f"f{i}", [f"f{j}" for j in later], types)
        put(folder, {f"src/d{i % 20}/m{i}.{'ts' if types else 'js'}": text})


def bundle(folder):
    modules(folder, 1500)


def project(folder):
    modules(folder, 300, shapes=True)
    put(folder, {"tsconfig.json": '{"compilerOptions": {"target": "es2022", "module": "esnext", "moduleResolution": "bundler", "strict": true, "rootDir": "src", "outDir": "out", '
                                  '"declaration": true, "sourceMap": true, "types": []}, "include": ["src"]}\n'})


def sources(folder):
    """500 files for a linter and formatter, with faults in them."""
    modules(folder, 500)
    put(folder, {"biome.json": '{"linter": {"rules": {"recommended": true}}, "formatter": {"indentStyle": "tab"}}\n'})


def tree(folder):
    """2,000 files in three languages."""
    modules(folder, 1400)
    chance = random.Random(1)
    for i in range(400):
        body = "".join(f"def {name}(x):\n    if x == None:\n        print('{name}', x)\n    return [y * {k} for y in range(x)]\n\n" for k, name in enumerate(names(chance, 12)))
        put(folder, {f"py/p{i % 10}/m{i}.py": body})
    for i in range(200):
        body = "".join(f"pub fn {name.lower()}(x: u64) -> u64 {{\n    let v = vec![x, {k}];\n    println!(\"{{}}\", v[0]);\n    v.iter().sum::<u64>().checked_add({k}).unwrap()\n}}\n" for k, name in enumerate(names(chance, 12)))
        put(folder, {f"rs/m{i}.rs": body})


def site(folder):
    """1,000 pages of a few hundred words."""
    chance = random.Random(2)
    for i in range(1000):
        parts = "".join(f"<h2 id='s{k}'>{chance.choice(WORDS).capitalize()} {k}</h2><p>{' '.join(chance.choice(WORDS) + chance.choice(('', 's', 'ing', 'ed')) for _ in range(80))}.</p>\n" for k in range(4))
        put(folder, {f"site/p{i % 25}/page{i}.html": f"<!doctype html><html lang='en'><head><title>Page {i}</title></head><body><nav>menu</nav><main data-pagefind-body>"
                                                     f"<h1>Page {i}</h1><span data-pagefind-filter='kind'>{WORDS[i % 9]}</span>\n{parts}</main></body></html>\n"})


def data(folder):
    """30 MB: text that packs well, numbers that do not."""
    chance = random.Random(3)
    for i in range(20):
        text = " ".join(chance.choices(WORDS, k=160000))
        put(folder, {f"in/text{i}.txt": text[:1000000]})
    for i in range(10):
        put(folder, {f"in/deep/d{i}/noise{i}.bin": chance.randbytes(500000) + bytes(range(256)) * 1954})
    for path, folders, files in os.walk(os.path.join(folder, "in"), topdown=False):
        for name in folders + files:
            os.utime(os.path.join(path, name), (1700000000, 1700000000))
    os.utime(os.path.join(folder, "in"), (1700000000, 1700000000))
