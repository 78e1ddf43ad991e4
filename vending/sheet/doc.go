// Package sheet reads the tables that people bring: CSV in UTF-8 or GBK as their
// programs wrote it, and XLSX. It streams: a table may be longer than memory. A
// line that cannot be read is handed on with its error and does not stop the rest.
package sheet
