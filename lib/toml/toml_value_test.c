// SPDX-License-Identifier: MIT
// Tests of single values: strings, integers, floats, booleans, dates and times, section by section of TOML 1.0.0.
#include "toml_test.h"

#include <gila/test.h>

#include <math.h>

TEST(toml_basic_strings)
{
	CHECK(parses("a=\"I'm a string. \\\"You can quote me\\\".\"", "{a=\"I'm a string. \"You can quote me\".\"}"));
	CHECK(parses("a=\"\"", "{a=\"\"}"));
	CHECK(parses("a=\"\\b\\t\\n\\f\\r\\\"\\\\\"", "{a=\"\\x08\\x09\\x0a\\x0c\\x0d\"\\\"}"));
	CHECK(parses("a=\"\\u00E9\\u20ac\\U0001F600\\u0041\\U0010FFFF\\u07ff\\u0800\\uD7FF\\uE000\"",
		     "{a=\"\u00e9\u20ac\U0001f600A\U0010ffff\u07ff\u0800\ud7ff\ue000\"}"));
	CHECK(parses("a=\"x\\u0000y\"", "{a=\"x\\x00y\"}"));
	CHECK(parses("a=\"tab\there \u00e9\"", "{a=\"tab\\x09here \u00e9\"}"));
	CHECK(rejects("a=\"x", 1, 5, "expected \" to close the string that starts at 1:3, found end of file"));
	CHECK(rejects("a=\"x\n\"", 1, 5, "expected \" to close the string that starts at 1:3, found end of line"));
	CHECK(rejects("a=\"x\r\n\"", 1, 5, "expected \" to close the string that starts at 1:3, found end of line"));
	CHECK(rejects("a=\"x\\\"", 1, 7, "expected \" to close the string that starts at 1:3, found end of file"));
	CHECK(rejects("a=\"\x7f\"", 1, 4,
		      "expected text or an escape such as \\u001f in a string, found control character 0x7f"));
	CHECK(rejects("a=\"\u00e9\x1f\"", 1, 5,
		      "expected text or an escape such as \\u001f in a string, found control character 0x1f"));
	CHECK(rejects("a=\"x\ry\"", 1, 5, "expected text or an escape such as \\u001f in a string, found a carriage return "
					   "without a line feed"));
	CHECK(rejects_bytes("a=\"\0\"", 5, 1, 4,
			    "expected text or an escape such as \\u001f in a string, found control character 0x00"));
	CHECK(rejects("a=\"x\" \"y\"", 1, 7, "expected end of line after a value, found '\"'"));
}

TEST(toml_string_escapes_that_are_wrong)
{
	CHECK(rejects("a=\"\\x41\"", 1, 5, "expected one of b t n f r \" \\ u U after '\\', found 'x41'"));
	CHECK(rejects("a=\"\\e\"", 1, 5, "expected one of b t n f r \" \\ u U after '\\', found 'e'"));
	CHECK(rejects("a=\"\\'\"", 1, 5, "expected one of b t n f r \" \\ u U after '\\', found \"'\""));
	CHECK(rejects("a=\"\\ \"", 1, 5, "expected one of b t n f r \" \\ u U after '\\', found ' '"));
	CHECK(rejects("a=\"\\\n\"", 1, 5, "expected one of b t n f r \" \\ u U after '\\', found end of line"));
	CHECK(rejects("a=\"\\", 1, 5, "expected one of b t n f r \" \\ u U after '\\', found end of file"));
	CHECK(rejects_bytes("a=\"\\\0\"", 6, 1, 5,
			    "expected one of b t n f r \" \\ u U after '\\', found control character 0x00"));
	CHECK(rejects("a=\"\\u12\"", 1, 8, "expected 4 hexadecimal digits after \\u, found '\"'"));
	CHECK(rejects("a=\"\\u12g4\"", 1, 8, "expected 4 hexadecimal digits after \\u, found 'g4'"));
	CHECK(rejects("a=\"\\U0001F60\"", 1, 13, "expected 8 hexadecimal digits after \\U, found '\"'"));
	CHECK(rejects("a=\"x\\uD800\"", 1, 5,
		      "expected the number of a Unicode character, found \\uD800, which is a surrogate"));
	CHECK(rejects("a=\"\\udfff\"", 1, 4,
		      "expected the number of a Unicode character, found \\udfff, which is a surrogate"));
	CHECK(rejects("a=\"\\U00110000\"", 1, 4,
		      "expected the number of a Unicode character, found \\U00110000, which is over \\U0010FFFF"));
	CHECK(rejects("a=\"\"\"\\q\"\"\"", 1, 7,
		      "expected one of b t n f r \" \\ u U or end of line after '\\', found 'q'"));
	CHECK(rejects("a=\"\"\"\\  x\"\"\"", 1, 7,
		      "expected one of b t n f r \" \\ u U or end of line after '\\', found ' '"));
}

TEST(toml_multiline_basic_strings)
{
	CHECK(parses("a=\"\"\"\nRoses\nViolets\"\"\"", "{a=\"Roses\\x0aViolets\"}"));
	CHECK(parses("a=\"\"\"\r\nRoses\r\nViolets\r\n\"\"\"", "{a=\"Roses\\x0aViolets\\x0a\"}"));
	CHECK(parses("a=\"\"\"x\"\"\"\nb=\"\"\"\"\"\"\nc=\"\"\"\n\n\"\"\"", "{a=\"x\",b=\"\",c=\"\\x0a\"}"));
	CHECK(parses("a=\"\"\"\nThe quick \\\n\n\n  fox \\\n    jumps.\"\"\"", "{a=\"The quick fox jumps.\"}"));
	CHECK(parses("a=\"\"\"\\\n   x\\  \t\n  y \\\r\n  \"\"\"", "{a=\"xy \"}"));
	CHECK(parses("a=\"\"\"\\t\\u00e9\\\\\n\"\"\"", "{a=\"\\x09\u00e9\\\\x0a\"}"));
	// One or two quotes are text, also next to the closing ones.
	CHECK(parses("a=\"\"\"x: \"\". y \"z\".\"\"\"", "{a=\"x: \"\". y \"z\".\"}"));
	CHECK(parses("a=\"\"\"\"x\"\"\"\"", "{a=\"\"x\"\"}"));
	CHECK(parses("a=\"\"\"\"\"x\"\"\"\"\"", "{a=\"\"\"x\"\"\"}"));
	CHECK(parses("a=\"\"\"x\"\"\\\"\"\"\\\"\"\"\"", "{a=\"x\"\"\"\"\"\"\"}"));
	CHECK(rejects("a=\"\"\"x\"\"\"\"\"\"", 1, 12, "expected end of line after a value, found '\"'"));
	CHECK(rejects("a=\"\"\"x\n\n\"\"", 3, 3, "expected \"\"\" to close the string that starts at 1:3, found end of file"));
	CHECK(rejects("a=\"\"\"\nx\n\x01\"\"\"", 3, 1,
		      "expected text or an escape such as \\u001f in a string, found control character 0x01"));
	CHECK(rejects("a=\"\"\"x\ry\"\"\"", 1, 7, "expected text or an escape such as \\u001f in a string, found a carriage "
						 "return without a line feed"));
	CHECK(rejects("a=\"\"\"\n\n\"\"\" b", 3, 5, "expected end of line after a value, found 'b'"));
}

TEST(toml_literal_strings)
{
	CHECK(parses("a='C:\\Users\\n'\nb='<\\i\\c*\\s*>'\nc=''", "{a=\"C:\\Users\\n\",b=\"<\\i\\c*\\s*>\",c=\"\"}"));
	CHECK(parses("a='\"x\"\ty\u00e9'", "{a=\"\"x\"\\x09y\u00e9\"}"));
	CHECK(parses("a='''\nI [dw]on't\n\\need\n'''", "{a=\"I [dw]on't\\x0a\\need\\x0a\"}"));
	CHECK(parses("a='''x'''\nb=''''''\nc='''\r\na\r\n'''", "{a=\"x\",b=\"\",c=\"a\\x0a\"}"));
	CHECK(parses("a=''''x''''\nb='''''x'''''\nc='''\"\"\"'''", "{a=\"'x'\",b=\"''x''\",c=\"\"\"\"\"}"));
	CHECK(parses("a='''x\\\n  y'''", "{a=\"x\\\\x0a  y\"}"));
	CHECK(rejects("a='x\n'", 1, 5, "expected ' to close the string that starts at 1:3, found end of line"));
	CHECK(rejects("a='''x''", 1, 9, "expected ''' to close the string that starts at 1:3, found end of file"));
	CHECK(rejects("a='''x''''''", 1, 12, "expected end of line after a value, found \"'\""));
	CHECK(rejects("a='x\x08'", 1, 5,
		      "expected text without control characters in a literal string, found control character 0x08"));
	CHECK(rejects("a='''\n\x7f'''", 2, 1,
		      "expected text without control characters in a literal string, found control character 0x7f"));
	CHECK(rejects("a='It's'", 1, 7, "expected end of line after a value, found 's'"));
}

TEST(toml_integers)
{
	CHECK(parses("a=+99\nb=42\nc=0\nd=-17\ne=+0\nf=-0", "{a=99,b=42,c=0,d=-17,e=0,f=0}"));
	CHECK(parses("a=1_000\nb=5_349_221\nc=53_49_221\nd=1_2_3_4_5", "{a=1000,b=5349221,c=5349221,d=12345}"));
	CHECK(parses("a=9223372036854775807\nb=-9223372036854775808", "{a=9223372036854775807,b=-9223372036854775808}"));
	CHECK(rejects("a = 1_", 1, 7, "expected a digit after '_', found end of file"));
	CHECK(rejects("a = 1__2", 1, 7, "expected a digit after '_', found '_2'"));
	CHECK(rejects("a = _1", 1, 5, "expected a value after '=', found '_1' (strings need quotes)"));
	CHECK(rejects("a = -_1", 1, 6, "expected a digit, inf or nan, found '_1'"));
	CHECK(rejects("a = 01", 1, 5, "expected a number without leading zeros, found a leading zero"));
	CHECK(rejects("a = -0_1", 1, 6, "expected a number without leading zeros, found a leading zero"));
	CHECK(rejects("a = 00", 1, 5, "expected a number without leading zeros, found a leading zero"));
	CHECK(rejects("a = 1a", 1, 6, "expected a digit or the end of the number, found 'a'"));
	CHECK(rejects("a = 1-2", 1, 6, "expected a digit or the end of the number, found '-2'"));
	CHECK(rejects("a = 1+2", 1, 6, "expected a digit or the end of the number, found '+'"));
	CHECK(rejects("a = +-1", 1, 6, "expected a digit, inf or nan, found '-1'"));
	CHECK(rejects("a = +", 1, 6, "expected a digit, inf or nan, found end of file"));
	CHECK(rejects("a = 1,2", 1, 6, "expected end of line after a value, found ','"));
}

#define OUT_OF_RANGE "expected an integer from -9223372036854775808 to 9223372036854775807, found one out of that range"

TEST(toml_integer_range)
{
	CHECK(rejects("a = 9223372036854775808", 1, 5, OUT_OF_RANGE));
	CHECK(rejects("a = -9223372036854775809", 1, 5, OUT_OF_RANGE));
	CHECK(rejects("a = 18446744073709551616", 1, 5, OUT_OF_RANGE));
	CHECK(rejects("a = 99999999999999999999999999", 1, 5, OUT_OF_RANGE));
	CHECK(rejects("a = 0x8000000000000000", 1, 5, OUT_OF_RANGE));
	CHECK(rejects("a = 0o1000000000000000000000", 1, 5, OUT_OF_RANGE));
}

TEST(toml_integers_of_other_bases)
{
	CHECK(parses("a=0xDEADBEEF\nb=0xdead_beef\nc=0o01234567\nd=0o755\ne=0b11010110\nf=0x00\ng=0b0_1",
		     "{a=3735928559,b=3735928559,c=342391,d=493,e=214,f=0,g=1}"));
	CHECK(parses("a=0x7fffffffffffffff\nb=0o777777777777777777777", "{a=9223372036854775807,b=9223372036854775807}"));
	CHECK(rejects("a = 0x", 1, 7, "expected a hexadecimal digit after 0x, found end of file"));
	CHECK(rejects("a = 0x_1", 1, 7, "expected a hexadecimal digit after 0x, found '_1'"));
	CHECK(rejects("a = 0x1_", 1, 9, "expected a digit after '_', found end of file"));
	CHECK(rejects("a = 0xfg", 1, 8, "expected a hexadecimal digit or the end of the number, found 'g'"));
	CHECK(rejects("a = 0x1.5", 1, 8, "expected a hexadecimal digit or the end of the number, found '.'"));
	CHECK(rejects("a = 0o8", 1, 7, "expected an octal digit (0 to 7) after 0o, found '8'"));
	CHECK(rejects("a = 0o78", 1, 8, "expected an octal digit (0 to 7) or the end of the number, found '8'"));
	CHECK(rejects("a = 0b12", 1, 8, "expected a binary digit (0 or 1) or the end of the number, found '2'"));
	CHECK(rejects("a = 0b", 1, 7, "expected a binary digit (0 or 1) after 0b, found end of file"));
	CHECK(rejects("a = 0X1", 1, 6, "expected a digit or the end of the number, found 'X1'"));
	CHECK(rejects("a = +0x1", 1, 5, "expected no sign before a number with the prefix 0x, 0o or 0b, found one"));
	CHECK(rejects("a = -0b1", 1, 5, "expected no sign before a number with the prefix 0x, 0o or 0b, found one"));
}

// The double that `a = text` gives, or -12345 with a complaint.
static double float_of(const char *text)
{
	char line[512];
	double real = -12345;
	snprintf(line, sizeof line, "a = %s", text);
	struct toml_document *document = parse(line);
	if (document && toml_type(toml_get(toml_root(document), "a")) == TOML_FLOAT &&
	    !toml_get_float(toml_root(document), "a", &real, NULL))
		real = -12345;
	toml_free(document);
	return real;
}

TEST(toml_floats)
{
	CHECK(float_of("+1.0") == 1.0);
	CHECK(float_of("3.1415") == 3.1415);
	CHECK(float_of("-0.01") == -0.01);
	CHECK(float_of("5e+22") == 5e22);
	CHECK(float_of("1e06") == 1e6);
	CHECK(float_of("-2E-2") == -2e-2);
	CHECK(float_of("6.626e-34") == 6.626e-34);
	CHECK(float_of("224_617.445_991_228") == 224617.445991228);
	CHECK(float_of("1_0e1_0") == 1e11);
	CHECK(float_of("0e0") == 0 && float_of("0.0") == 0);
	CHECK(float_of("-0.0") == 0 && signbit(float_of("-0.0")));
	CHECK(!signbit(float_of("+0.0")));
	CHECK(float_of("1.7976931348623157e308") == 1.7976931348623157e308);
	CHECK(float_of("4.9e-324") == 4.9e-324);
	CHECK(float_of("1e-400") == 0);
	CHECK(float_of("0.000001e6") == 1.0);
	CHECK(float_of("9007199254740993.0") == 9007199254740992.0); // halfway: to even
	CHECK(float_of("0.1") == 0.1 && float_of("0.30000000000000004") == 0.30000000000000004);
	CHECK(float_of("0e99999999999999999999") == 0);
}

TEST(toml_floats_special)
{
	CHECK(isinf(float_of("inf")) && float_of("inf") > 0);
	CHECK(isinf(float_of("+inf")) && float_of("+inf") > 0);
	CHECK(isinf(float_of("-inf")) && float_of("-inf") < 0);
	CHECK(isnan(float_of("nan")) && isnan(float_of("+nan")) && isnan(float_of("-nan")));
	CHECK(rejects("a = Inf", 1, 5, "expected a value after '=', found 'Inf' (strings need quotes)"));
	CHECK(rejects("a = infinity", 1, 5, "expected a value after '=', found 'infinity' (strings need quotes)"));
	CHECK(rejects("a = +in", 1, 6, "expected a digit, inf or nan, found 'in'"));
	CHECK(rejects("a = -nano", 1, 6, "expected a digit, inf or nan, found 'nano'"));
	CHECK(rejects("a = inf.0", 1, 8, "expected the end of the float, found '.'"));
}

TEST(toml_floats_that_are_wrong)
{
	CHECK(rejects("a = .7", 1, 5, "expected a value after '=', found '.'"));
	CHECK(rejects("a = +.7", 1, 6, "expected a digit, inf or nan, found '.'"));
	CHECK(rejects("a = 7.", 1, 7, "expected a digit after '.', found end of file"));
	CHECK(rejects("a = 3.e+20", 1, 7, "expected a digit after '.', found 'e'"));
	CHECK(rejects("a = 1.2.3", 1, 8, "expected a digit or the end of the float, found '.'"));
	CHECK(rejects("a = 1._2", 1, 7, "expected a digit after '.', found '_2'"));
	CHECK(rejects("a = 1_.2", 1, 7, "expected a digit after '_', found '.'"));
	CHECK(rejects("a = 1.2_", 1, 9, "expected a digit after '_', found end of file"));
	CHECK(rejects("a = 1e", 1, 7, "expected a digit in the exponent, found end of file"));
	CHECK(rejects("a = 1e+", 1, 8, "expected a digit in the exponent, found end of file"));
	CHECK(rejects("a = 1e_1", 1, 7, "expected a digit in the exponent, found '_1'"));
	CHECK(rejects("a = 1e2.5", 1, 8, "expected a digit or the end of the float, found '.'"));
	CHECK(rejects("a = 1e2e3", 1, 8, "expected a digit or the end of the float, found 'e3'"));
	CHECK(rejects("a = 03.14", 1, 5, "expected a number without leading zeros, found a leading zero"));
	CHECK(rejects("a = 1.5f", 1, 8, "expected a digit or the end of the float, found 'f'"));
	CHECK(rejects("a = -1e309", 1, 5, "expected a float that a 64-bit float can hold, found a larger one"));
	CHECK(rejects("a = 1e99999999999999999999", 1, 5, "expected a float that a 64-bit float can hold, found a larger one"));
}

// Digits by the hundred thousand cost no more than their number, and the exponent may take back what they add.
TEST(toml_floats_of_many_digits)
{
	static char text[300100];
	double real = 0;
	memcpy(text, "a = 0.", 6);
	memset(text + 6, '0', 300000);
	strcpy(text + 300006, "25e300001");
	struct toml_document *document = parse(text);
	CHECK(document != NULL);
	CHECK(toml_get_float(toml_root(document), "a", &real, NULL) && real == 2.5);
	toml_free(document);
}

TEST(toml_booleans)
{
	CHECK(parses("a=true\nb=false", "{a=true,b=false}"));
	CHECK(rejects("a = True", 1, 5, "expected a value after '=', found 'True' (strings need quotes)"));
	CHECK(rejects("a = tru", 1, 5, "expected a value after '=', found 'tru' (strings need quotes)"));
	CHECK(rejects("a = truer", 1, 5, "expected a value after '=', found 'truer' (strings need quotes)"));
	CHECK(rejects("a = yes", 1, 5, "expected a value after '=', found 'yes' (strings need quotes)"));
	CHECK(rejects("a = a-word-that-is-longer-than-what-an-error-message-can-hold-in-one-line", 1, 5,
		      "expected a value after '=', found 'a-word-that-is-longer-than-what-an-error-message-can...' (strings "
		      "need quotes)"));
}

TEST(toml_offset_datetimes)
{
	CHECK(parses("a=1979-05-27T07:32:00Z", "{a=1979-05-27T07:32:00.000000000+0}"));
	CHECK(parses("a=1979-05-27T00:32:00-07:00", "{a=1979-05-27T00:32:00.000000000-420}"));
	CHECK(parses("a=1979-05-27T00:32:00.999999-07:30", "{a=1979-05-27T00:32:00.999999000-450}"));
	CHECK(parses("a=1979-05-27 07:32:00Z", "{a=1979-05-27T07:32:00.000000000+0}"));
	CHECK(parses("a=1979-05-27t07:32:00z", "{a=1979-05-27T07:32:00.000000000+0}"));
	CHECK(parses("a=1990-12-31T23:59:60Z", "{a=1990-12-31T23:59:60.000000000+0}"));
	CHECK(parses("a=0000-01-01T00:00:00+23:59", "{a=0000-01-01T00:00:00.000000000+1439}"));
	CHECK(parses("a=[2000-01-01T00:00:00-00:00,1]", "{a=[2000-01-01T00:00:00.000000000+0,1]}"));
	CHECK(rejects("a=2000-01-01T00:00:00+24:00", 1, 23, "expected an offset hour from 00 to 23, found 24"));
	CHECK(rejects("a=2000-01-01T00:00:00+00:60", 1, 26, "expected an offset minute from 00 to 59, found 60"));
	CHECK(rejects("a=2000-01-01T00:00:00+0000", 1, 25, "expected ':' after the offset hour, found '00'"));
	CHECK(rejects("a=2000-01-01T00:00:00+", 1, 23, "expected an offset hour from 00 to 23, found end of file"));
	CHECK(rejects("a=2000-01-01T00:00:00+1:00", 1, 24, "expected an offset hour from 00 to 23, found ':'"));
	CHECK(rejects("a=2000-01-01T00:00:00ZZ", 1, 23, "expected the end of the date or time, found 'Z'"));
}

TEST(toml_local_datetimes)
{
	CHECK(parses("a=1979-05-27T07:32:00", "{a=1979-05-27T07:32:00.000000000}"));
	CHECK(parses("a=1979-05-27 07:32:00.5 # x", "{a=1979-05-27T07:32:00.500000000}"));
	CHECK(parses("a=1979-05-27T07:32:00.1234567899", "{a=1979-05-27T07:32:00.123456789}"));
	CHECK(rejects("a=1979-05-27T", 1, 14, "expected an hour from 00 to 23, found end of file"));
	CHECK(rejects("a=1979-05-27T07", 1, 16, "expected ':' after the hour, found end of file"));
	CHECK(rejects("a=1979-05-27T07:32", 1, 19, "expected ':' and seconds after the minute, found end of file"));
	CHECK(rejects("a=1979-05-27T7:32:00", 1, 15, "expected an hour from 00 to 23, found ':'"));
	CHECK(rejects("a=1979-05-27T24:00:00", 1, 14, "expected an hour from 00 to 23, found 24"));
	CHECK(rejects("a=1979-05-27T00:60:00", 1, 17, "expected a minute from 00 to 59, found 60"));
	CHECK(rejects("a=1979-05-27T00:00:61", 1, 20, "expected a second from 00 to 60, found 61"));
	CHECK(rejects("a=1979-05-27T00:00:00.", 1, 23, "expected a digit after '.', found end of file"));
	CHECK(rejects("a=1979-05-27T00:00:00.1.2", 1, 24, "expected the end of the date or time, found '.'"));
	CHECK(rejects("a=1979-05-27  07:32:00", 1, 15, "expected end of line after a value, found '07'"));
	CHECK(rejects("a=1979-05-27X07:32:00", 1, 13, "expected the end of the date or time, found 'X07'"));
}

TEST(toml_local_dates)
{
	CHECK(parses("a=1979-05-27\nb=2000-02-29 \nc=2024-02-29#x\nd=9999-12-31",
		     "{a=1979-05-27,b=2000-02-29,c=2024-02-29,d=9999-12-31}"));
	CHECK(rejects("a=1979-00-01", 1, 8, "expected a month from 01 to 12, found 0"));
	CHECK(rejects("a=1979-13-01", 1, 8, "expected a month from 01 to 12, found 13"));
	CHECK(rejects("a=1979-01-00", 1, 11, "expected a day from 01 to 31, found 0"));
	CHECK(rejects("a=1979-01-32", 1, 11, "expected a day from 01 to 31, found 32"));
	CHECK(rejects("a=1979-04-31", 1, 11, "expected a day from 01 to 30, found 31"));
	CHECK(rejects("a=2023-02-29", 1, 11, "expected a day from 01 to 28, found 29"));
	CHECK(rejects("a=1900-02-29", 1, 11, "expected a day from 01 to 28, found 29"));
	CHECK(rejects("a=2024-02-30", 1, 11, "expected a day from 01 to 29, found 30"));
	CHECK(rejects("a=1979-5-27", 1, 9, "expected a month from 01 to 12, found '-27'"));
	CHECK(rejects("a=1979-05-2", 1, 12, "expected a day from 01 to 31, found end of file"));
	CHECK(rejects("a=1979-05", 1, 10, "expected '-' after the month, found end of file"));
	CHECK(rejects("a=10000-01-01", 1, 8, "expected a digit or the end of the number, found '-01-01'"));
	CHECK(rejects("a=199-01-01", 1, 6, "expected a digit or the end of the number, found '-01-01'"));
	CHECK(rejects("a=1979-05-27Z", 1, 13, "expected the end of the date or time, found 'Z'"));
	CHECK(rejects("a=+1979-05-27", 1, 8, "expected a digit or the end of the number, found '-05-27'"));
}

TEST(toml_local_times)
{
	CHECK(parses("a=07:32:00\nb=00:32:00.999999\nc=23:59:60", "{a=07:32:00.000000000,b=00:32:00.999999000,c=23:59:60.000000000}"));
	CHECK(rejects("a=24:00:00", 1, 3, "expected an hour from 00 to 23, found 24"));
	CHECK(rejects("a=07:32", 1, 8, "expected ':' and seconds after the minute, found end of file"));
	CHECK(rejects("a=7:32:00", 1, 4, "expected a digit or the end of the number, found ':'"));
	CHECK(rejects("a=07:32:00Z", 1, 11, "expected the end of the date or time, found 'Z'"));
	CHECK(rejects("a=07:32:00+01:00", 1, 11, "expected the end of the date or time, found '+'"));
	CHECK(rejects("a=07:3x:00", 1, 7, "expected a minute from 00 to 59, found 'x'"));
}
