// SPDX-License-Identifier: MIT
// Tests of documents, comments, keys, tables, arrays, inline tables and who may add to which, section by section of
// TOML 1.0.0, and of the limits. Values are in toml_value_test.c, what consumers call in toml_read_test.c.
#include "toml_test.h"

#include <gila/test.h>

TEST(toml_document_white_space_and_lines)
{
	CHECK(parses("", "{}"));
	CHECK(parses("\n\r\n \t\n", "{}"));
	CHECK(parses("\xef\xbb\xbf" "a=1", "{a=1}"));
	CHECK(parses("a=1\r\nb=2\n\n\tc\t=\t3 ", "{a=1,b=2,c=3}"));
	CHECK(rejects("a=1 b=2", 1, 5, "expected end of line after a value, found 'b'"));
	CHECK(rejects("a=1\rb=2", 1, 4, "expected end of line after a value, found a carriage return without a line feed"));
	CHECK(rejects("\r", 1, 1, "expected a key, found a carriage return without a line feed"));
	CHECK(rejects("a=1\n\xef\xbb\xbf" "b=1", 2, 1, "expected a key, found a byte order mark"));
	CHECK(rejects("\f", 1, 1, "expected a key, found control character 0x0c"));
	CHECK(rejects_bytes("a=1\n\0", 5, 2, 1, "expected a key, found control character 0x00"));
	CHECK(rejects("x = é", 1, 5, "expected a value after '=', found 'é'"));
}

TEST(toml_document_comments)
{
	CHECK(parses("# one\na=1 # two\n#\n#three\t\"é", "{a=1}"));
	CHECK(parses("a=\"#x\" # y", "{a=\"#x\"}"));
	CHECK(rejects("# a\x01", 1, 4, "expected printable text in a comment, found control character 0x01"));
	CHECK(rejects("\n# é\x7f", 2, 4, "expected printable text in a comment, found control character 0x7f"));
	CHECK(rejects("# a\rb", 1, 4, "expected printable text in a comment, found a carriage return without a line feed"));
	CHECK(rejects("a = # 1", 1, 5, "expected a value after '=', found a comment"));
	CHECK(rejects("a # = 1", 1, 3, "expected '=' after key \"a\", found a comment"));
}

TEST(toml_document_is_utf8)
{
	CHECK(parses("a='\u00e9\u20ac\U0001f600\U0010ffff'", "{a=\"\u00e9\u20ac\U0001f600\U0010ffff\"}"));
	CHECK(rejects("\xff", 1, 1, "expected UTF-8 text, found byte 0xff"));
	CHECK(rejects("a='\u00e9' # \x80", 1, 9, "expected UTF-8 text, found byte 0x80"));
	CHECK(rejects("\n# \xc3", 2, 3, "expected UTF-8 text, found byte 0xc3"));             // cut off
	CHECK(rejects("# \xc3(", 1, 3, "expected UTF-8 text, found byte 0xc3"));               // bad second byte
	CHECK(rejects("# \xe2\x82", 1, 3, "expected UTF-8 text, found byte 0xe2"));            // cut off
	CHECK(rejects("# \xc0\xaf", 1, 3, "expected UTF-8 text, found byte 0xc0"));            // overlong
	CHECK(rejects("# \xc1\xbf", 1, 3, "expected UTF-8 text, found byte 0xc1"));            // overlong
	CHECK(rejects("# \xe0\x9f\xbf", 1, 3, "expected UTF-8 text, found byte 0xe0"));        // overlong
	CHECK(rejects("# \xf0\x8f\xbf\xbf", 1, 3, "expected UTF-8 text, found byte 0xf0"));    // overlong
	CHECK(rejects("# \xed\xa0\x80", 1, 3, "expected UTF-8 text, found byte 0xed"));        // surrogate
	CHECK(rejects("# \xf4\x90\x80\x80", 1, 3, "expected UTF-8 text, found byte 0xf4"));    // over U+10FFFF
	CHECK(rejects("# \xf5\x80\x80\x80", 1, 3, "expected UTF-8 text, found byte 0xf5"));
}

TEST(toml_key_value_pairs)
{
	CHECK(parses("key = \"value\"", "{key=\"value\"}"));
	CHECK(rejects("key =", 1, 6, "expected a value after '=', found end of file"));
	CHECK(rejects("key = \n\"value\"", 1, 7, "expected a value after '=', found end of line"));
	CHECK(rejects("key = \r\n\"value\"", 1, 7, "expected a value after '=', found end of line"));
	CHECK(rejects("program\n= 1", 1, 8, "expected '=' after key \"program\", found end of line"));
	CHECK(rejects("program", 1, 8, "expected '=' after key \"program\", found end of file"));
	CHECK(rejects("program: 1", 1, 8, "expected '=' after key \"program\", found ':'"));
	CHECK(rejects("a b = 1", 1, 3, "expected '=' after key \"a\", found 'b'"));
	CHECK(rejects("a = b = 1", 1, 5, "expected a value after '=', found 'b' (strings need quotes)"));
	CHECK(rejects("= 1", 1, 1, "expected a key, found '='"));
	CHECK(rejects("a = ]", 1, 5, "expected a value after '=', found ']'"));
	CHECK(rejects("a = 1 ]", 1, 7, "expected end of line after a value, found ']'"));
}

TEST(toml_keys_bare_and_quoted)
{
	CHECK(parses("key=1\nbare_key=2\nbare-key=3\n1234=4\n-=5\n_=6", "{key=1,bare_key=2,bare-key=3,1234=4,-=5,_=6}"));
	CHECK(parses("\"127.0.0.1\"=1\n\"\xca\x8e\"=2\n'key2'=3\n'quoted \"value\"'=4\n\"a\\tb\"=5",
		     "{\"127.0.0.1\"=1,\"\xca\x8e\"=2,key2=3,\"quoted \"value\"\"=4,\"a\\x09b\"=5}"));
	CHECK(parses("\"\"=1", "{\"\"=1}"));
	CHECK(parses("''=1", "{\"\"=1}"));
	CHECK(parses("true=1\ninf=2\n1e5=3\n2001-01-01=4", "{true=1,inf=2,1e5=3,2001-01-01=4}"));
	CHECK(parses("\"a\\u0000b\"=1\na=2\n\"a\\u0000c\"=3", "{\"a\\x00b\"=1,a=2,\"a\\x00c\"=3}"));
	CHECK(rejects("a!b = 1", 1, 2, "expected '=' after key \"a\", found '!'"));
	CHECK(rejects("\"\"\"a\"\"\" = 1", 1, 1, "expected a key, found a multi-line string, which cannot be one"));
	CHECK(rejects("'''a''' = 1", 1, 1, "expected a key, found a multi-line string, which cannot be one"));
	CHECK(rejects("\"a\n\" = 1", 1, 3, "expected \" to close the string that starts at 1:1, found end of line"));
	CHECK(rejects("'a", 1, 3, "expected ' to close the string that starts at 1:1, found end of file"));
	CHECK(rejects("\"a\" \"b\" = 1", 1, 5, "expected '=' after key \"a\", found '\"'"));
}

TEST(toml_keys_dotted)
{
	CHECK(parses("name='O'\nphysical.color='o'\nphysical.shape='r'\nsite.\"google.com\"=true",
		     "{name=\"O\",physical={color=\"o\",shape=\"r\"},site={\"google.com\"=true}}"));
	CHECK(parses("fruit . flavor = 1\nfruit\t.\t\"x\" . 'y'=2", "{fruit={flavor=1,x={y=2}}}"));
	CHECK(parses("apple.type=1\norange.type=2\napple.skin=3", "{apple={type=1,skin=3},orange={type=2}}"));
	CHECK(parses("3.14159='pi'", "{3={14159=\"pi\"}}"));
	CHECK(parses("''.\"\".a=1", "{\"\"={\"\"={a=1}}}"));
	CHECK(rejects("a. = 1", 1, 4, "expected a key, found '='"));
	CHECK(rejects(".a = 1", 1, 1, "expected a key, found '.'"));
	CHECK(rejects("a..b = 1", 1, 3, "expected a key, found '.'"));
	CHECK(rejects("a.\nb = 1", 1, 3, "expected a key, found end of line"));
}

TEST(toml_keys_are_defined_once)
{
	CHECK(rejects("name=1\nname=2", 2, 1, "key \"name\" is already an integer (line 1)"));
	CHECK(rejects("spelling=1\n\"spelling\"=2", 2, 1, "key \"spelling\" is already an integer (line 1)"));
	CHECK(rejects("a=[]\n\na = 1", 3, 1, "key \"a\" is already an array (line 1)"));
	CHECK(rejects("fruit.apple=1\nfruit.apple.smooth=true", 2, 7,
		      "key \"apple\" is already an integer (line 1); a dotted key cannot add to it"));
	CHECK(rejects("a.b.c=1\na.b=2", 2, 3, "key \"b\" is already a table made by dotted keys (line 1)"));
	CHECK(rejects("a.b=1\na=2", 2, 1, "key \"a\" is already a table made by dotted keys (line 1)"));
	CHECK(rejects("[a]\nb=1\nb=2", 3, 1, "key \"b\" is already an integer (line 2)"));
	CHECK(rejects("a={x=1}\na.y=2", 2, 1, "key \"a\" is already an inline table (line 1); a dotted key cannot add to it"));
	CHECK(rejects("a=[{x=1}]\na.y=2", 2, 1, "key \"a\" is already an array (line 1); a dotted key cannot add to it"));
	CHECK(parses("a=1\nA=2\n\"a \"=3", "{a=1,A=2,\"a \"=3}"));
}

TEST(toml_tables)
{
	CHECK(parses("[table]", "{table={}}"));
	CHECK(parses("[table-1]\nk=1\n\n[table-2] # x\nk=2", "{table-1={k=1},table-2={k=2}}"));
	CHECK(parses("[dog.\"tater.man\"]\nt.n=1", "{dog={\"tater.man\"={t={n=1}}}}"));
	CHECK(parses("[ d.e.f ]\n[ g .  h  . i ]\n[ j . \"\xca\x9e\" . 'l' ]",
		     "{d={e={f={}}},g={h={i={}}},j={\"\xca\x9e\"={l={}}}}"));
	CHECK(parses("[x.y.z.w]\n[x]\na=1", "{x={y={z={w={}}},a=1}}"));
	CHECK(parses("[b]\n[a]\n[b.c]\n[a.d]", "{b={c={}},a={d={}}}"));
	CHECK(parses("top=1\n[t]\n  [t.u]\n  k=1", "{top=1,t={u={k=1}}}"));
	CHECK(rejects("[a", 1, 3, "expected '.' or ']' in a header, found end of file"));
	CHECK(rejects("[a\n]", 1, 3, "expected '.' or ']' in a header, found end of line"));
	CHECK(rejects("[]", 1, 2, "expected a key, found ']'"));
	CHECK(rejects("[a.]", 1, 4, "expected a key, found ']'"));
	CHECK(rejects("[.a]", 1, 2, "expected a key, found '.'"));
	CHECK(rejects("[a]]", 1, 4, "expected end of line after a header, found ']'"));
	CHECK(rejects("[a] b=1", 1, 5, "expected end of line after a header, found 'b'"));
	CHECK(rejects("[a b]", 1, 4, "expected '.' or ']' in a header, found 'b'"));
	CHECK(rejects("[a=1]", 1, 3, "expected '.' or ']' in a header, found '='"));
}

TEST(toml_tables_are_defined_once)
{
	CHECK(rejects("[fruit]\na=1\n\n[fruit]\no=1", 4, 2, "key \"fruit\" is already a table with a header (line 1)"));
	CHECK(rejects("[fruit]\napple=1\n[fruit.apple]", 3, 8, "key \"apple\" is already an integer (line 2)"));
	CHECK(rejects("[fruit]\napple=1\n[fruit.apple.x]", 3, 8,
		      "key \"apple\" is already an integer (line 2); a header cannot add to it"));
	CHECK(rejects("[a.b]\n[a]\n[a]", 3, 2, "key \"a\" is already a table with a header (line 2)"));
	CHECK(rejects("[a.b]\n[a]\nb=1", 3, 1, "key \"b\" is already a table with a header (line 1)"));
	CHECK(rejects("[a.b.c]\n[a]\nb=1", 3, 1, "key \"b\" is already a table with tables in it (line 1)"));
	CHECK(rejects("a={}\n[a]", 2, 2, "key \"a\" is already an inline table (line 1)"));
	CHECK(rejects("a={}\n[a.b]", 2, 2, "key \"a\" is already an inline table (line 1); a header cannot add to it"));
	CHECK(rejects("a={b={}}\n[a.b.c]", 2, 2, "key \"a\" is already an inline table (line 1); a header cannot add to it"));
	CHECK(rejects("a=[]\n[a.b]", 2, 2, "key \"a\" is already an array (line 1); a header cannot add to it"));
}

TEST(toml_tables_and_dotted_keys)
{
	CHECK(parses("[fruit]\napple.color=1\napple.taste.sweet=true\n[fruit.apple.texture]\nsmooth=true",
		     "{fruit={apple={color=1,taste={sweet=true},texture={smooth=true}}}}"));
	CHECK(rejects("[fruit]\napple.color=1\n[fruit.apple]", 3, 8,
		      "key \"apple\" is already a table made by dotted keys (line 2)"));
	CHECK(rejects("[fruit]\napple.taste.sweet=true\n[fruit.apple.taste]", 3, 14,
		      "key \"taste\" is already a table made by dotted keys (line 2)"));
	CHECK(rejects("[a.b.c]\nz=9\n[a]\nb.c.t=1", 4, 3,
		      "key \"c\" is already a table with a header (line 1); a dotted key cannot add to it"));
	CHECK(rejects("[a.b]\n[a]\nb.t=1", 3, 1,
		      "key \"b\" is already a table with a header (line 1); a dotted key cannot add to it"));
	CHECK(rejects("[[a.b]]\n[a]\nb.y=2", 3, 1,
		      "key \"b\" is already an array of tables (line 1); a dotted key cannot add to it"));
	// Dotted keys take over a table that was only passed through; a header comes too late then.
	CHECK(parses("[a.b.c]\n[a]\nb.d=1", "{a={b={c={},d=1}}}"));
	CHECK(rejects("[a.b.c]\n[a]\nb.d=1\n[a.b]", 4, 4, "key \"b\" is already a table made by dotted keys (line 1)"));
	CHECK(parses("a.b=1\n[a.c]", "{a={b=1,c={}}}"));
	CHECK(rejects("a.b=1\n[a]", 2, 2, "key \"a\" is already a table made by dotted keys (line 1)"));
	CHECK(rejects("[x.a]\nb.c=1\n[x]\na.b.d=2", 4, 1,
		      "key \"a\" is already a table with a header (line 1); a dotted key cannot add to it"));
}

TEST(toml_arrays_of_tables)
{
	CHECK(parses("[[p]]\nn=1\n[[p]]\n[[p]]\nn=3", "{p=[{n=1},{},{n=3}]}"));
	CHECK(parses("[[f]]\nn=1\n[f.ph]\nc=1\n[[f.v]]\nn=2\n[[f.v]]\nn=3\n[[f]]\nn=4\n[[f.v]]\nn=5",
		     "{f=[{n=1,ph={c=1},v=[{n=2},{n=3}]},{n=4,v=[{n=5}]}]}"));
	CHECK(parses("[[ a . b ]]\n[a]\nc=1", "{a={b=[{}],c=1}}"));
	CHECK(parses("[[a]]\n[a.b]\n[[a]]\n[a.b]", "{a=[{b={}},{b={}}]}"));
	CHECK(rejects("[fruit.physical]\n[[fruit]]", 2, 3, "key \"fruit\" is already a table with tables in it (line 1)"));
	CHECK(rejects("fruits=[]\n[[fruits]]", 2, 3, "key \"fruits\" is already an array (line 1); a header cannot add to it"));
	CHECK(rejects("[[f]]\n[[f.v]]\n[f.v]", 3, 4, "key \"v\" is already an array of tables (line 2)"));
	CHECK(rejects("[[f]]\n[f.p]\n[[f.p]]", 3, 5, "key \"p\" is already a table with a header (line 2)"));
	CHECK(rejects("a=1\n[[a]]", 2, 3, "key \"a\" is already an integer (line 1)"));
	CHECK(rejects("[[a]]\nx=1\nx=2", 3, 1, "key \"x\" is already an integer (line 2)"));
	CHECK(rejects("[[a]\nb=1", 1, 5, "expected '.' or ']]' in a header, found end of line"));
	CHECK(rejects("[[a] ]", 1, 5, "expected '.' or ']]' in a header, found ' '"));
	CHECK(rejects("[ [a]]", 1, 3, "expected a key, found '['"));
	CHECK(rejects("[[]]", 1, 3, "expected a key, found ']'"));
	CHECK(rejects("[[a]]]", 1, 6, "expected end of line after a header, found ']'"));
}

TEST(toml_arrays)
{
	CHECK(parses("a=[]", "{a=[]}"));
	CHECK(parses("a=[1,2,3]\nb=[[1,2],['a',\"b\"]]\nc=[1,]\nd=[ 0.5 , 'x', {n=1}, true ]",
		     "{a=[1,2,3],b=[[1,2],[\"a\",\"b\"]],c=[1],d=[0.5f,\"x\",{n=1},true]}"));
	CHECK(parses("a=[ # x\n1\r\n\n, # y\n2,#]\n]", "{a=[1,2]}"));
	CHECK(rejects("a=[,]", 1, 4, "expected a value or ']' in an array, found ','"));
	CHECK(rejects("a=[1,,2]", 1, 6, "expected a value or ']' in an array, found ','"));
	CHECK(rejects("a=[1 2]", 1, 6, "expected ',' or ']' after an element of an array, found '2'"));
	CHECK(rejects("a=[1", 1, 5, "expected ',' or ']' after an element of an array, found end of file"));
	CHECK(rejects("a=[\n1,\n", 3, 1, "expected a value or ']' in an array, found end of file"));
	CHECK(rejects("a=[1}", 1, 5, "expected ',' or ']' after an element of an array, found '}'"));
	CHECK(rejects("a=[x]", 1, 4, "expected a value or ']' in an array, found 'x' (strings need quotes)"));
	CHECK(rejects("a=[] 1", 1, 6, "expected end of line after a value, found '1'"));
	CHECK(rejects("a=[#\x02\n]", 1, 5, "expected printable text in a comment, found control character 0x02"));
}

TEST(toml_inline_tables)
{
	CHECK(parses("a={}\nb={ }\nn={first='T',last = 'P' }", "{a={},b={},n={first=\"T\",last=\"P\"}}"));
	CHECK(parses("a={b.c=1,b.d=2,'e'={f=[\n1\n]}}", "{a={b={c=1,d=2},e={f=[1]}}}"));
	CHECK(parses("[p]\nx={y=\"\"\"\n1\n\"\"\"}", "{p={x={y=\"1\\x0a\"}}}"));
	CHECK(rejects("a={b=1,}", 1, 8, "expected a key after ',' in an inline table, found '}'"));
	CHECK(rejects("a={,}", 1, 4, "expected a key, found ','"));
	CHECK(rejects("a={b=1,,c=2}", 1, 8, "expected a key, found ','"));
	CHECK(rejects("a={b=1 c=2}", 1, 8, "expected ',' or '}' on the same line of an inline table, found 'c'"));
	CHECK(rejects("a={\nb=1}", 1, 4, "expected a key, found end of line"));
	CHECK(rejects("a={b=1\n}", 1, 7, "expected ',' or '}' on the same line of an inline table, found end of line"));
	CHECK(rejects("a={b=1,\nc=1}", 1, 8, "expected a key, found end of line"));
	CHECK(rejects("a={b=1 # x\n}", 1, 8, "expected ',' or '}' on the same line of an inline table, found a comment"));
	CHECK(rejects("a={b}", 1, 5, "expected '=' after key \"b\", found '}'"));
	CHECK(rejects("a={b=}", 1, 6, "expected a value after '=', found '}'"));
	CHECK(rejects("a={", 1, 4, "expected a key, found end of file"));
	CHECK(rejects("a={b=1,b=2}", 1, 8, "key \"b\" is already an integer (line 1)"));
	CHECK(rejects("a={b={c=1},b.d=2}", 1, 12,
		      "key \"b\" is already an inline table (line 1); a dotted key cannot add to it"));
	CHECK(rejects("a={b.c=1,b={}}", 1, 10, "key \"b\" is already a table made by dotted keys (line 1)"));
	CHECK(rejects("[product]\ntype={n=1}\ntype.edible=false", 3, 1,
		      "key \"type\" is already an inline table (line 2); a dotted key cannot add to it"));
	CHECK(rejects("[product]\ntype.n=1\ntype={edible=false}", 3, 1,
		      "key \"type\" is already a table made by dotted keys (line 2)"));
}

// `times` copies of a string, after `start` and before `end`.
static char *repeat(const char *start, const char *string, size_t times, const char *end)
{
	size_t length = strlen(string), at = strlen(start);
	char *text = malloc(at + length * times + strlen(end) + 1);
	if (!text)
		abort();
	memcpy(text, start, at);
	for (size_t i = 0; i < times; i++, at += length)
		memcpy(text + at, string, length);
	memcpy(text + at, end, strlen(end) + 1);
	return text;
}

// Whether 64 levels are accepted and the 65th is refused at a column.
static bool nests(const char *start, const char *step, size_t most, const char *end, unsigned column)
{
	char *good = repeat(start, step, most, end), *bad = repeat(start, step, most + 1, end);
	struct toml_document *document = parse(good);
	bool result = document != NULL &&
		      rejects(bad, 1, column, "expected at most 64 levels of tables and arrays, found one more");
	toml_free(document);
	free(good);
	free(bad);
	return result;
}

TEST(toml_limit_of_depth)
{
	char *close = repeat("0", "]", 63, "");
	CHECK(rejects(close, 1, 2, "expected '=' after key \"0\", found ']'"));
	CHECK(nests("", "a.", 63, "a=1", 131));   // the last value is the 65th level
	CHECK(nests("[", "a.", 63, "a]", 130));
	CHECK(nests("[[", "a.", 62, "a]]", 129)); // the array and its element
	free(close);
	char *arrays = repeat("a=", "[", 64, ""), *closed = repeat(arrays, "]", 64, "");
	struct toml_document *document = parse(closed);
	CHECK(document != NULL);
	toml_free(document);
	free(arrays);
	free(closed);
	arrays = repeat("a=", "[", 100000, "");
	CHECK(rejects(arrays, 1, 67, "expected at most 64 levels of tables and arrays, found one more"));
	free(arrays);
	arrays = repeat("a=", "{a=", 100000, "");
	CHECK(rejects(arrays, 1, 195, "expected at most 64 levels of tables and arrays, found one more"));
	free(arrays);
}

TEST(toml_limit_of_input)
{
	char *most = repeat("", "#", TOML_INPUT_LIMIT, ""), *more = repeat("", "#", TOML_INPUT_LIMIT + 1, "");
	struct toml_document *document = parse(most);
	CHECK(document != NULL);
	toml_free(document);
	CHECK(rejects(more, 1, 1, "expected at most 1048576 bytes, found 1048577"));
	free(most);
	free(more);
}

// Whatever is in a document of the largest size, its memory stays within the limit.
TEST(toml_limit_of_memory_fits_any_input)
{
	static const char *const texts[][3] = {
		{"a=[", "1,", "]"}, {"a=[", "[],", "]"}, {"a=[", "{},", "]"}, {"", "[[a]]\n", ""}, {"a=[", "{a=1},", "]"},
		{"a='", "x", "'"},  {"[[a", ".a", "]]"},
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts - 1; i++) {
		char *text = repeat(texts[i][0], texts[i][1], (TOML_INPUT_LIMIT - 8) / strlen(texts[i][1]), texts[i][2]);
		struct toml_document *document = parse(text);
		free(text);
		CHECK(document != NULL);
		CHECK(toml_memory(document) < TOML_MEMORY_LIMIT);
		toml_free(document);
	}
}

// With less memory than a document needs, every allocation in turn fails, with one line and no leak.
TEST(toml_out_of_memory_at_every_allocation)
{
	char *text = repeat("", "[[a]]\nb.c = ['x', {d = 1}]\n'a\\t' = 1\n", 12, "");
	const char start[] = "no memory left for this document, which may use ";
	struct toml_limits limits = {TOML_INPUT_LIMIT, TOML_DEPTH_LIMIT, 0};
	struct toml_document *document = NULL;
	unsigned lines = 0, last = 0;
	for (; limits.memory < 100000; limits.memory += 8) {
		struct toml_error error = {0};
		document = toml_parse_within(text, strlen(text), &limits, &error);
		if (document)
			break;
		CHECK(memcmp(error.message, start, strlen(start)) == 0);
		CHECK(error.line >= last && error.column > 0);
		lines += error.line != last;
		last = error.line;
	}
	CHECK(document != NULL);
	CHECK_EQ(lines, 36);
	CHECK(toml_memory(document) <= limits.memory && toml_memory(document) + 8 > limits.memory);
	toml_free(document);
	free(text);
}

TEST(toml_many_keys_are_found)
{
	char *text = malloc(20 * 20000);
	CHECK(text != NULL);
	size_t length = 0;
	for (unsigned i = 0; i < 20000; i++)
		length += (size_t)sprintf(text + length, "k%u = %u\n", i * 7919 % 20000, i);
	struct toml_error error;
	struct toml_document *document = parse_bytes(text, length, &error);
	CHECK(document != NULL);
	const struct toml_value *root = toml_root(document);
	CHECK_EQ(toml_count(root), 20000);
	for (unsigned i = 0; i < 20000; i++) {
		char key[16];
		int64_t number = -1;
		sprintf(key, "k%u", i * 7919 % 20000);
		CHECK(toml_get_integer(root, key, 0, INT64_MAX, &number, NULL));
		CHECK_EQ(number, i);
		CHECK_EQ(toml_line(toml_get(root, key)), i + 1);
	}
	CHECK(!toml_get(root, "k20000") && !toml_get(root, "") && !toml_get(root, "k"));
	toml_free(document);
	length += (size_t)sprintf(text + length, "k1234 = 0\n");
	CHECK(!parse_bytes(text, length, &error));
	CHECK_EQ(error.line, 20001);
	free(text);
}

// Keys of which each is the start of the next, in both orders: the deepest index there is.
TEST(toml_keys_that_begin_alike_are_found)
{
	char *text = repeat("", "", 0, ""), *key = repeat("", "a", 300, "");
	for (int step = 1; step >= -1; step -= 2) {
		text = realloc(text, 300 * 310);
		CHECK(text != NULL);
		size_t length = 0;
		for (int i = 1; i <= 300; i++)
			length += (size_t)sprintf(text + length, "%.*s=%d\n", step > 0 ? i : 301 - i, key, i);
		struct toml_error error;
		struct toml_document *document = parse_bytes(text, length, &error);
		CHECK(document != NULL);
		for (size_t i = 1; i <= 300; i++)
			CHECK(toml_get_bytes(toml_root(document), key, i) != NULL);
		CHECK(toml_get(toml_root(document), "") == NULL);
		toml_free(document);
	}
	free(text);
	free(key);
}
