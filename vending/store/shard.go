package store

// ReferenceTables are small and the same for all customers: on Citus every node has a
// copy. Every other table leads its keys with the customer number and is distributed
// by it, but for the directories. Sorted; one a line, so that two who add one do not meet.
var ReferenceTables = []string{
	"bank_file",
	"day",
	"handover",
	"invoice_book",
	"ledger_period",
	"ledger_seal",
	"life_rule",
	"meter_model",
	"month_close",
	"partner",
	"price_change",
	"shift",
	"staff",
	"tariff",
	"tariff_version",
	"terminal",
	"terminal_code",
	"withholding",
}

// Directories say which customer a number belongs to; they are distributed by that
// number, their first column.
var Directories = []string{"card_owner", "meter_owner", "payment_reference"}
