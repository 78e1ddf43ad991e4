package store

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/vending"
)

// AddTariff stores a version of a price list for good; the first of a code makes
// the price list. The deed needs vending.MayPrice. It fails with vending.ErrRepeated
// where it was done before, and as Versions.Add does.
func (s *Store) AddTariff(ctx context.Context, deed vending.Deed, version vending.Tariff) error {
	if err := deed.By.Permit(vending.MayPrice); err != nil {
		return err
	}
	return s.ForCompany(ctx, deed, func(tx *Tx) error {
		before, err := versionsOf(ctx, tx.tx, version.Code)
		if err != nil {
			return err
		}
		if _, err := before.Add(version, tx.Now, vending.PriceNotice); err != nil {
			return err
		}
		body, err := json.Marshal(version)
		if err != nil {
			return fmt.Errorf("tariff %s: %w", version.Code, err)
		}
		batch := &pgx.Batch{}
		batch.Queue(`insert into tariff (code, commodity, class, region) values ($1, $2, $3, $4) on conflict on constraint tariff_pkey do nothing`,
			version.Code, version.Commodity, version.Class, version.Region)
		batch.Queue(`insert into tariff_version (code, valid_from, body) values ($1, $2, $3)`, version.Code, version.From, body)
		if err := tx.tx.SendBatch(ctx, batch).Close(); err != nil {
			return err
		}
		tx.Changed("tariff", version)
		return nil
	})
}

// Tariffs lists every version of every price list, by code and then the earliest first.
func (s *Store) Tariffs(ctx context.Context) ([]vending.Tariff, error) {
	list, err := tariffs(ctx, s.pool, `select body from tariff_version order by code, valid_from`)
	return list, refusal(err)
}

// Versions returns a price list, or vending.ErrNoTariff.
func (s *Store) Versions(ctx context.Context, code string) (vending.Versions, error) {
	return priceList(ctx, s.pool, code)
}

// TariffAt returns the version of a price list that is in force at an instant, or
// vending.ErrNoTariff or ErrNotInForce.
func (s *Store) TariffAt(ctx context.Context, code string, at time.Time) (vending.Tariff, error) {
	versions, err := s.Versions(ctx, code)
	if err != nil {
		return vending.Tariff{}, err
	}
	return versions.InForce(at)
}

// Versions returns the price list that applies to the customer, or
// vending.ErrNoTariff.
func (t *Tx) Versions(ctx context.Context) (vending.Versions, error) {
	return priceList(ctx, t.tx, t.Customer.Tariff)
}

func priceList(ctx context.Context, q querier, code string) (vending.Versions, error) {
	versions, err := versionsOf(ctx, q, code)
	if err == nil && len(versions) == 0 {
		return nil, vending.ErrNoTariff.With("Tariff", code)
	}
	return versions, refusal(err)
}

func versionsOf(ctx context.Context, q querier, code string) (vending.Versions, error) {
	return tariffs(ctx, q, `select body from tariff_version where code = $1 order by valid_from`, code)
}

func tariffs(ctx context.Context, q querier, sql string, args ...any) ([]vending.Tariff, error) {
	bodies, err := column[[]byte](ctx, q, sql, args...)
	if err != nil {
		return nil, err
	}
	list := make([]vending.Tariff, len(bodies))
	for i, body := range bodies {
		if list[i], err = storedTariff(body); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// readTariffs holds versions that were read before, by how they are stored: a version
// is never changed, and every sale asks for one.
var readTariffs sync.Map

// storedTariff reads a version as it is stored.
func storedTariff(body []byte) (vending.Tariff, error) {
	if known, ok := readTariffs.Load(string(body)); ok {
		return known.(vending.Tariff), nil
	}
	t, err := vending.ParseTariff(body)
	if err != nil {
		return t, fmt.Errorf("a stored price list: %w", err)
	}
	readTariffs.Store(string(body), t)
	return t, nil
}
