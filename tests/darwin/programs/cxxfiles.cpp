// SPDX-License-Identifier: MIT
// std::filesystem, errors by number and condition, and files read, written and sought by libc++'s streams.
#include "check.h"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <string>
#include <system_error>

namespace fs = std::filesystem;

namespace
{
void tree(const fs::path &base)
{
	fs::remove_all(base);
	CHECK(fs::create_directories(base / "a" / "b"));
	{
		std::ofstream(base / "a" / "x.txt") << "12345";
	}
	CHECK(fs::file_size(base / "a" / "x.txt") == 5 && fs::is_regular_file(base / "a" / "x.txt") &&
	      fs::exists(base) && !fs::exists(base / "q"));
	std::set<std::string> n;
	for (auto &e : fs::recursive_directory_iterator(base))
		n.insert(e.path().lexically_relative(base).string());
	CHECK(n.size() == 3);
	fs::copy_file(base / "a" / "x.txt", base / "y");
	fs::rename(base / "y", base / "z");
	fs::create_symlink("z", base / "l");
	CHECK(fs::read_symlink(base / "l") == "z");
	CHECK(fs::is_symlink(base / "l"));
	std::error_code ec;
	fs::remove(base / "a", ec);
	CHECK(ec == std::errc::directory_not_empty && ec.message() == "Directory not empty");
	fs::file_size(base / "none", ec);
	CHECK(ec == std::errc::no_such_file_or_directory);
	try {
		fs::create_directory(base / "no" / "x");
		CHECK(false);
	} catch (fs::filesystem_error &e) {
		CHECK(e.code() == std::errc::no_such_file_or_directory &&
		      std::string(e.what()).find("create_directory: No such file") != std::string::npos);
	}
	auto t = fs::last_write_time(base / "z");
	fs::last_write_time(base / "z", t - std::chrono::hours(1));
	CHECK(fs::last_write_time(base / "z") < t);
	fs::permissions(base / "z", fs::perms::owner_read);
	CHECK((fs::status(base / "z").permissions() & fs::perms::owner_write) == fs::perms::none);
	CHECK(fs::canonical(base / "l").filename() == "z" && fs::absolute("x") == fs::current_path() / "x");
	CHECK(std::error_code(35, std::generic_category()).message() == "Resource temporarily unavailable");
	CHECK(std::error_code(66, std::system_category()).message() == "Directory not empty");
	CHECK(std::make_error_code(std::errc::timed_out).message() == "Operation timed out");
	CHECK(std::error_code(66, std::system_category()) == std::errc::directory_not_empty);
	try {
		throw std::system_error(60, std::generic_category(), "w");
	} catch (std::system_error &e) {
		CHECK(std::string(e.what()) == "w: Operation timed out" && e.code() == std::errc::timed_out);
	}
}
void streams(const fs::path &base)
{
	std::ifstream f(base / "a" / "x.txt");
	f.seekg(2);
	char c;
	f.get(c);
	CHECK(c == '3');
	f.unget();
	CHECK(f.tellg() == 2);
	std::string rest;
	std::getline(f, rest);
	CHECK(rest == "345" && f.eof());
	std::fstream rw(base / "rw", std::ios::in | std::ios::out | std::ios::trunc);
	rw << "abcdef";
	rw.seekg(2);
	rw.get(c);
	CHECK(c == 'c');
	rw.seekp(0);
	rw << "Z";
	rw.seekg(0);
	std::getline(rw, rest);
	CHECK(rest == "Zbcdef");
	std::ofstream a(base / "rw", std::ios::app);
	a << "123";
	a.close();
	CHECK(fs::file_size(base / "rw") == 9);
	CHECK(!std::ifstream(base / "nope").is_open());
	std::ifstream m1(base / "rw"), m2;
	m2 = std::move(m1);
	std::getline(m2, rest);
	CHECK(rest == "Zbcdef123");
	std::ifstream m3(std::move(m2));
	CHECK(m3.is_open());
}
} // namespace

int main()
{
	fs::path base = fs::current_path() / "files";
	tree(base);
	streams(base);
	fs::remove_all(base);
	std::cout << "files are fine" << std::endl;
}
