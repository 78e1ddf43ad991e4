// Package report writes tables for finance as CSV and XLSX, row by row: a million
// rows need no more memory than a hundred. What they say is not its business.
package report
