# SPDX-License-Identifier: MIT
#
# awk -f tests/sentences.awk FILE.c...: every string literal of four words or more, as
# "FILE:LINE: TEXT". Adjacent literals are one. Left out are rows of option tables, what is assigned to a
# command's summary, arguments or effects (they are --help), and to ret_error (a usage error); so are
# headings, all in capitals.

function words(text, n, count, i, list)
{
	gsub(/\\[a-z0-9]/, " ", text)
	gsub(/%[-+ #0-9.*]*[a-z]*[diouxXcsfg]/, "", text)
	n = split(text, list, /[ \t]+/)
	for (i = 1; i <= n; i++)
		count += list[i] ~ /^[("'`]*[A-Za-z][A-Za-z'-]*[])"',;:.?!]*$/
	return count
}

function is_help()
{
	return before ~ /^[ \t\n]*('[^']*'|[A-Z][A-Z0-9_]*|[0-9]+)[ \t\n]*,[ \t\n]*""/ ||
		before ~ /(ret_error|\.summary|\.arguments|\.effects)[^;{}]*$/
}

function flush()
{
	if (literal ~ /[a-z]/ && words(literal) >= 4 && !help)
		printf "%s:%d: %s\n", file, at, literal
	literal = ""
}

# The code up to the next literal: what stands between two of them, and what the statement began with
function code(text)
{
	if (text !~ /^[ \t\n]*([A-Za-z_][A-Za-z0-9_]*)?[ \t\n]*$/)
		flush()
	before = before text
	if (match(before, /.*[;{}]/))
		before = substr(before, RLENGTH + 1)
}

function newlines(text)
{
	return gsub(/\n/, "", text)
}

function scan(text, line, token, end, gap)
{
	line = 1
	before = gap = ""
	while (match(text, /\/\*|\/\/|"([^"\\\n]|\\.)*"|'([^'\\\n]|\\.)*'/)) {
		token = substr(text, RSTART, RLENGTH)
		gap = gap substr(text, 1, RSTART - 1)
		line += newlines(substr(text, 1, RSTART - 1))
		text = substr(text, RSTART + RLENGTH)
		if (token == "/*" || token == "//") {
			end = index(text, token == "/*" ? "*/" : "\n")
			line += newlines(substr(text, 1, end))
			text = substr(text, end + (token == "/*" ? 2 : 1))
			continue
		}
		if (token ~ /^'/) {
			gap = gap token
			continue
		}
		code(gap)
		gap = ""
		if (literal == "") {
			at = line
			help = is_help()
		}
		literal = literal substr(token, 2, length(token) - 2)
		before = before "\"\""
	}
	flush()
}

FNR == 1 && NR > 1 { scan(content); content = "" }
FNR == 1 { file = FILENAME }
/^#include/ { $0 = "" }
{ content = content $0 "\n" }
END { scan(content) }
