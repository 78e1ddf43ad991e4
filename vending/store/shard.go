package store

// ReferenceTables are small and the same for all customers: on Citus every node has a
// copy. Every other table leads its keys with the customer number and is distributed
// by it, but for the directories.
var ReferenceTables = []string{
	"tariff", "tariff_version", "price_change", "staff", "shift", "ledger_period", "ledger_seal", "handover", "day", "invoice_book",
	"month_close",
	"partner", "bank_file", "withholding",
	"charge_term", "life_rule",
}

// Directories say which customer a number belongs to; they are distributed by that
// number, their first column.
var Directories = []string{"meter_owner", "card_owner", "payment_reference"}
