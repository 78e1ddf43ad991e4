package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type customerImportOptions struct {
	defaults    vending.Opening
	all, dryRun bool
}

func customerImportCommand(a *app) *cobra.Command {
	o := customerImportOptions{defaults: vending.Opening{Customer: vending.Customer{Status: vending.InService}, Meter: vending.Meter{Commodity: ledger.Litre}}}
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Take customers, meters and opening balances over from a .csv or .xlsx",
		Long: `Take customers, meters and opening balances over from a .csv (UTF-8 or GBK) or
.xlsx, each line by itself: all of it or nothing. The same file again changes
nothing. Columns, in any order, by these names:

  customer 户号, name 户名, meter 表号; and where there is something to say:
  address 地址, status 状态, tariff 价格方案, max_credit 最大余量, papers 证件类型,
  papers_tail 证件尾号, contract 合同号, advance 预收余额, deposit 押金 (yuan),
  consumed 累计用量, credit 表内余量 (m³), credit_cost 余量金额 (yuan).

It lists the lines that were refused; with --all every line. It ends with 3
where a line was refused.`,
		Args: oneArg,
		RunE: func(c *cobra.Command, args []string) error { return runCustomerImport(c.Context(), a, args[0], o) },
	}
	f := c.Flags()
	f.StringVar(&o.defaults.Customer.Tariff, "tariff", "gas-residential", "tariff of lines that name none")
	f.Int64Var(&o.defaults.Meter.MaxCredit, "max-credit", 2_000_000, "most credit on card and meter together, in litres, of lines that name none")
	f.Int64Var(&o.defaults.VATBp, "vat-bp", 900, "VAT rate of the credit that is left, in basis points")
	f.BoolVar(&o.all, "all", false, "list every line")
	f.BoolVar(&o.dryRun, "dry-run", false, "do everything and take it back; change nothing")
	return c
}

func runCustomerImport(ctx context.Context, a *app, path string, o customerImportOptions) error {
	return a.withDesk(ctx, func(d *counter.Desk) error {
		by, err := a.who(ctx, d.Store)
		if err != nil {
			return err
		}
		if o.dryRun {
			d = d.Rehearsal()
		}
		var rs []record
		var lines, refused, added int
		err = d.TakeOver(ctx, by, path, o.defaults, func(t counter.Taken) error {
			what, why := "added", ""
			switch {
			case t.Err != nil:
				what, why = "refused", a.words().Error(t.Err)
				refused++
			case t.Repeated:
				what = "repeated"
			default:
				added++
			}
			if lines++; lines%1000 == 0 {
				a.progress(lines)
			}
			if o.all || t.Err != nil {
				rs = append(rs, record{{key: "line", value: t.Line}, {key: "customer", value: t.Opening.Customer.No}, {key: "meter", value: t.Opening.Meter.No},
					{key: "result", value: what}, {key: "why", value: why}})
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := a.printList(rs); err != nil {
			return err
		}
		fmt.Fprintln(a.errs, a.words().Text("import_summary", "Lines", lines, "Added", added, "Repeated", lines-added-refused, "Refused", refused))
		if refused > 0 {
			return &remark{exitDifferences, a.words().Text("import_refused", "Refused", refused)}
		}
		return nil
	})
}
