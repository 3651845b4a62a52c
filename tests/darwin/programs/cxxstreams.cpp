// SPDX-License-Identifier: MIT
// libc++'s streams: positions, classes of characters, regular expressions, times; what programs compile in
// meets what the library has.
#include "check.h"

#include <fstream>
#include <iomanip>
#include <iostream>
#include <locale>
#include <random>
#ifndef FOR_MACOS_12 // it takes long to compile
#include <regex>
#endif
#include <sstream>

namespace
{
void basics()
{
	{
		std::ofstream f("out.txt");
		f << "hello " << 42 << "\n" << 3.5 << "\n";
		CHECK(f.good());
		CHECK(f.tellp() == 13);
	}
	{
		std::ifstream f("out.txt", std::ios::ate | std::ios::binary);
		CHECK(f.good());
		long n = (long)f.tellg();
		CHECK(n == 13);
		f.seekg(0);
		std::string s;
		int v;
		f >> s >> v;
		CHECK(s == "hello" && v == 42);
		double d;
		f >> d;
		CHECK(d == 3.5);
	}
	{
		std::stringstream s;
		s << "abc def";
		CHECK(s.tellp() == 7);
		s.seekg(4);
		std::string w;
		s >> w;
		CHECK(w == "def");
	}
#ifndef FOR_MACOS_12
	{
		std::regex r("(\\w+)\\s(\\d+)");
		std::smatch m;
		std::string s("ab 12");
		CHECK(std::regex_match(s, m, r));
		CHECK(m[2] == "12");
	}
#endif
	CHECK(std::isspace(' ', std::locale()));
	CHECK(std::isalpha(L'a', std::locale()));
	CHECK(!std::isalpha('1', std::locale()));
	std::random_device r;
	CHECK(r() != r());
}
void words()
{
	std::tm tm = {};
	std::istringstream s("2024-02-29 13:04:59 Mar");
	s >> std::get_time(&tm, "%Y-%m-%d %H:%M:%S");
	CHECK(!s.fail());
	CHECK(tm.tm_year == 124 && tm.tm_mon == 1 && tm.tm_mday == 29 && tm.tm_hour == 13 && tm.tm_min == 4 &&
	      tm.tm_sec == 59);
	s >> std::get_time(&tm, " %b");
	CHECK(tm.tm_mon == 2 && s.eof());
	std::istringstream bad("20x4");
	bad >> std::get_time(&tm, "%Y-%m");
	CHECK(bad.fail());
	std::ostringstream o;
	o << std::put_time(&tm, "%F %T");
	CHECK(o.str() == "20-03-29 13:04:59");
	std::locale l("C.UTF-8");
	std::istringstream t(" a1 b2\t3.5 x");
	t.imbue(l);
	std::string w;
	t >> w;
	CHECK(w == "a1");
	t >> w;
	CHECK(w == "b2");
	double d;
	t >> d;
	CHECK(d == 3.5);
	char c;
	t >> c;
	CHECK(c == 'x');
	CHECK(std::isalpha(L'\u00e9', l));
	CHECK(!std::isspace(L'x', l));
	CHECK(std::use_facet<std::ctype<char>>(l).is(std::ctype_base::digit, '7'));
	std::wistringstream wi(L"  12 ab");
	int v;
	wi >> v;
	std::wstring ws;
	wi >> ws;
	CHECK(v == 12 && ws == L"ab");
	CHECK(wi.tellg() == -1);
	std::ostringstream h;
	h << std::hex << std::showbase << 255 << std::dec << " " << std::setw(6) << std::setfill('*') << 42
	  << " " << std::boolalpha << true;
	CHECK(h.str() == "0xff ****42 true");
	struct tokens : std::ctype<char> {
		static const mask *table()
		{
			static mask t[table_size];
			t[(int)','] = space;
			return t;
		}
		tokens() : ctype(table()) {}
	};
	std::istringstream cs("a b,c d");
	cs.imbue(std::locale(cs.getloc(), new tokens));
	std::string x, y;
	cs >> x >> y;
	CHECK(x == "a b" && y == "c d");
}
} // namespace

int main()
{
	basics();
	words();
	std::cout << "streams are fine" << std::endl;
}
