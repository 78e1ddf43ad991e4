package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/ledger"
)

func rootCommand(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "vendgate",
		Short:         "IC-card prepaid meter gateway and vending service",
		SilenceUsage:  true,
		SilenceErrors: true,
		Long: `vendgate sells credit on IC cards for gas, heat and water meters, and proves
that ledger, card and meter agree.

Without --database it runs its own PostgreSQL in its data directory.

Exit codes: 0 ok, 1 failure, 2 usage, 3 completed with differences, 4 not
allowed, 5 in-doubt items remain, 6 locked or already running.`,
		Args: commandNamed,
		RunE: help,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	a.flags(root)
	root.AddCommand(
		serveCommand(a),
		group("customer", "Customers and their meters", append(customerStepCommands(a), customerOpenCommand(a), customerShowCommand(a), customerLooksCommand(a),
			customerPersonsCommand(a),
			customerStatusCommand(a), customerPapersCommand(a), customerTransferCommand(a),
			customerReplaceMeterCommand(a), customerCorrectMeterCommand(a), customerImportCommand(a))...),
		group("charge", "Charges beside credit", chargeAddCommand(a), chargeListCommand(a), chargeFixedCommand(a), debtPayCommand(a)),
		group("debt", "What customers owe", debtShowCommand(a), debtPayCommand(a), debtLateFeesCommand(a)),
		group("deposit", "Deposits of customers", depositTakeCommand(a), depositReturnCommand(a)),
		group("settings", "The company's settings (RULES.md)", settingsListCommand(a), settingsShowCommand(a), settingsSetCommand(a)),
		group("staff", "Who works here", staffAddCommand(a), staffListCommand(a)),
		group("card", "Cards", cardIssueCommand(a), cardReadCommand(a), cardLostCommand(a), cardDamagedCommand(a), cardFoundCommand(a),
			cardReissueCommand(a), cardRekeyCommand(a), cardRefundCommand(a), cardReturnCommand(a)),
		group("layout", "What the bytes of cards mean", layoutListCommand(a), layoutShowCommand(a), layoutTestCommand(a), layoutNewCommand(a)),
		topUpCommand(a),
		group("purchase", "Purchases and how they ended", purchaseListCommand(a), purchaseResumeCommand(a),
			purchaseReverseCommand(a)),
		group("advance", "Money that customers have with us", advanceRefundCommand(a)),
		group("meter", "Meters on lines", meterAddCommand(a), meterListCommand(a), meterModelCommands(a), meterReadCommand(a), meterScanCommand(a), meterWatchCommand(a), meterTopUpCommand(a),
			meterValveCommands(a), meterTimeCommand(a), meterBaseCommand(a), meterPricesCommand(a), meterHeldCommand(a), meterDecodeCommand(a)),
		group("shift", "Shifts of the tills: float, count, hand-over", shiftOpenCommand(a), shiftCloseCommand(a), shiftShowCommand(a),
			shiftListCommand(a), shiftHandoverCommand(a)),
		group("cash", "The company's cash", cashMoveCommand(a)),
		group("month", "The month's close and its reports", monthCloseCommand(a), monthReportCommand(a)),
		group("day", "The day's close", dayCloseCommand(a)),
		group("invoice", "Invoices and their books of numbers", invoiceDrawCommand(a), invoiceIssueCommand(a), invoiceVoidCommand(a),
			invoiceRedCommand(a), invoiceReprintCommand(a), invoiceListCommand(a), invoiceHandInCommand(a), invoiceVATCommand(a)),
		reconcileCommand(a),
		group("receipt", "What is printed: slips, invoices, reports", receiptPrintCommand(a), receiptInvoiceCommand(a),
			receiptShiftCommand(a), receiptDayCommand(a)),
		group("agent", "Agents who collect for us, and their files", partnerAddCommand(a, ledger.ClassAgent), agentCollectCommand(a),
			partnerImportCommand(a, ledger.ClassAgent), partnerMatchCommand(a, ledger.ClassAgent), agentSettleCommand(a),
			partnerListCommand(a, ledger.ClassAgent)),
		group("withholding", "What banks withhold for us by mandate", withholdingMandateCommand(a),
			withholdingExportCommand(a), withholdingImportCommand(a)),
		group("bank", "Our bank accounts, and their statements", partnerAddCommand(a, ledger.ClassBank),
			partnerImportCommand(a, ledger.ClassBank), partnerMatchCommand(a, ledger.ClassBank), partnerListCommand(a, ledger.ClassBank)),
		group("tariff", "Price lists", tariffAddCommand(a), tariffListCommand(a), tariffShowCommand(a), tariffQuoteCommand(a)),
		priceChangeCommand(a),
		group("keys", "The keys of cards and meters", keysInitCommand(a), keysGenerateCommand(a), keysComponentCommand(a), keysImportCommand(a),
			keysListCommand(a), keysRotateCommand(a), keysRetireCommand(a), keysCheckCommand(a)),
		gatewayCommand(a),
		migrateCommand(a),
		terminalCommand(a),
		group("ledger", "The books", ledgerCheckCommand(a), ledgerBalanceCommand(a), ledgerTrialCommand(a), ledgerVerifyCommand(a),
			ledgerSealCommand(a), ledgerRecordsCommand(a), ledgerExportCommand(a)),
	)
	return root
}

func group(name, short string, commands ...*cobra.Command) *cobra.Command {
	g := &cobra.Command{Use: name, Short: short, Args: commandNamed, RunE: help}
	g.AddCommand(commands...)
	return g
}

// commandNamed refuses the name of a command that there is not: cobra by itself
// answers with help, and success.
func commandNamed(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("unknown command %q for %q", args[0], c.CommandPath())}
	}
	return nil
}

func help(c *cobra.Command, _ []string) error { return c.Help() }

// noArgs refuses what stands on the line without belonging to a flag.
func noArgs(c *cobra.Command, args []string) error {
	if err := cobra.NoArgs(c, args); err != nil {
		return usageError{err}
	}
	return nil
}
