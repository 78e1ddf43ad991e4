// Package paper puts what was done on paper: slips, invoices, reports of shifts
// and days (RULES B5, B6, B7), as text, as PDF and as ESC/POS for a printer of
// receipts. It renders what it is handed and knows no database.
//
// Facts (TopUpSlip, Invoice, ...) become a Document in one language; a Document
// is laid out once, in columns or in millimetres, and drawn.
package paper
