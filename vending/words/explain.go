package words

import (
	"context"
	"errors"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/reader"
	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/cardio/sam/token"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/gateway/spool"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store/cluster"
)

// sentinels gives a code and a kind to the errors of the rooms below vending.
// The first that matches counts, so what explains more stands first.
var sentinels = []struct {
	err  error
	kind vending.Kind
	code string
}{
	{cardio.ErrNoReader, vending.Failed, "no_reader"},
	{cardio.ErrNoCard, vending.Failed, "no_card"},
	{cardio.ErrReaderBusy, vending.Locked, "reader_busy"},
	{cardio.ErrReaderStuck, vending.Failed, "reader_stuck"},
	{cardio.ErrHalfKeyed, vending.Doubtful, "half_keyed"},
	{cardio.ErrNotHere, vending.NotAllowed, "keys_not_here"},
	{cardio.ErrNoRekey, vending.NotAllowed, "no_rekey"},
	{cardio.ErrToolCard, vending.NotAllowed, "tool_card"},
	{cardio.ErrTorn, vending.Doubtful, "torn_card"},
	{cardio.ErrTwoLayouts, vending.NotAllowed, "two_layouts"},
	{cardio.ErrUnknownContent, vending.NotAllowed, "unknown_content"},
	{cardio.ErrReadOnly, vending.NotAllowed, "read_only_card"},
	{cardio.ErrUnloaded, vending.NotAllowed, "credit_still_on_card"},
	{cardio.ErrNoUnload, vending.NotAllowed, "no_unload"},
	{cardio.ErrCountsItself, vending.NotAllowed, "purse_counts_itself"},
	{cardio.ErrNoJournal, vending.Failed, "no_card_journal"},
	{cardio.ErrNoCodes, vending.Failed, "no_card_codes"},
	{cardio.ErrCode, vending.NotAllowed, "card_code"},
	{cardio.ErrNotErased, vending.NotAllowed, "card_not_erased"},
	{cardio.ErrDialect, vending.Failed, "reader_dialect"},
	{cardio.ErrMisfit, vending.Failed, "layout_misfit"},
	{cardio.ErrUnknownCard, vending.NotAllowed, "unknown_card"},
	{cardio.ErrBlankCard, vending.NotAllowed, "blank_card"},
	{cardio.ErrForeignCard, vending.NotAllowed, "foreign_card"},
	{cardio.ErrDamagedCard, vending.NotAllowed, "damaged_card"},
	{cardio.ErrNotBlank, vending.NotAllowed, "not_blank"},
	{cardio.ErrOtherCard, vending.NotAllowed, "other_card"},
	{cardio.ErrKeyVersion, vending.NotAllowed, "key_version"},
	{cardio.ErrTrialCard, vending.NotAllowed, "trial_card"},
	{cardio.ErrProductionCard, vending.NotAllowed, "production_card"},
	{cardio.ErrAuthTriesLow, vending.NotAllowed, "auth_tries_low"},
	{cardio.ErrOrderNotValid, vending.Failed, "order_not_valid"},
	{cardio.ErrCardRefused, vending.Failed, "card_refused"},
	{cardio.ErrLinkDead, vending.Failed, "link_dead"},
	{reader.ErrNoService, vending.Failed, "no_pcscd"},
	{reader.ErrNotAllowed, vending.Failed, "pcscd_refuses"},
	{reader.ErrMuteCard, vending.Failed, "mute_card"},
	{reader.ErrSeveral, vending.Failed, "several_cards"},
	{reader.ErrMonitorRuns, vending.Failed, "monitor_runs"},
	{reader.ErrNotBuiltIn, vending.Failed, "no_pcsc"},
	{sam.ErrPassphrase, vending.NotAllowed, "key_passphrase"},
	{sam.ErrReadable, vending.NotAllowed, "key_file_readable"},
	{sam.ErrForCards, vending.NotAllowed, "keys_for_cards"},
	{sam.ErrForChips, vending.NotAllowed, "keys_for_chips"},
	{sam.ErrMixed, vending.NotAllowed, "keys_mixed"},
	{sam.ErrFormat, vending.Failed, "key_file_format"},
	{sam.ErrEarlier, vending.Failed, "key_file_earlier"},
	{sam.ErrBusy, vending.Locked, "key_file_busy"},
	{sam.ErrHeld, vending.NotAllowed, "key_held"},
	{sam.ErrCurrent, vending.NotAllowed, "key_current"},
	{sam.ErrVersion, vending.NotAllowed, "key_not_held"},
	{sam.ErrNoKeys, vending.Failed, "no_keys"},
	{sam.ErrPurpose, vending.Invalid, "keys_purpose"},
	{sam.ErrLastVersion, vending.NotAllowed, "key_versions_used_up"},
	{sam.ErrComponent, vending.Invalid, "key_component"},
	{sam.ErrKCV, vending.Invalid, "key_kcv"},
	{sam.ErrSameParts, vending.Invalid, "key_same_parts"},
	{sam.ErrWeak, vending.NotAllowed, "key_weak"},
	{token.ErrNotBuiltIn, vending.Failed, "token_not_built_in"},
	{token.ErrModule, vending.Failed, "token_module"},
	{token.ErrNoToken, vending.Failed, "no_token"},
	{token.ErrTwoTokens, vending.Failed, "two_tokens"},
	{token.ErrPIN, vending.NotAllowed, "token_pin"},
	{token.ErrPINLow, vending.NotAllowed, "token_pin_low"},
	{token.ErrPINLocked, vending.NotAllowed, "token_pin_locked"},
	{token.ErrPINLength, vending.Invalid, "token_pin_length"},
	{token.ErrMechanism, vending.Failed, "token_mechanism"},
	{token.ErrTwoRoots, vending.Failed, "token_two_roots"},
	{token.ErrTaken, vending.NotAllowed, "token_taken"},
	{token.ErrNoRoom, vending.Failed, "token_no_room"},
	{token.ErrGone, vending.Failed, "token_gone"},
	{cluster.ErrServing, vending.Locked, "already_serving"},
	{cluster.ErrNoPostgres, vending.Failed, "no_postgres"},
	{cluster.ErrVersion, vending.Failed, "postgres_version"},
	{cluster.ErrUnreachableDir, vending.Failed, "data_dir_unreachable"},
	{cluster.ErrBadDir, vending.Failed, "data_dir_foreign"},
	{cluster.ErrUnsupported, vending.Failed, "no_private_postgres"},
	{gateway.ErrNoKeys, vending.Failed, "meter_keys_unsaid"},
	{gateway.ErrKeys, vending.NotAllowed, "meter_keys_refused"},
	{gateway.ErrNoTelegram, vending.Failed, "meter_no_telegram"},
	{meterproto.ErrNoAnswer, vending.Failed, "meter_silent"},
	{meterproto.ErrGarbage, vending.Failed, "line_garbage"},
	{meterproto.ErrWrongMeter, vending.Failed, "wrong_meter"},
	{meterproto.ErrStale, vending.Failed, "meter_stale"},
	{meterproto.ErrAbnormal, vending.Failed, "meter_refuses"},
	{meterproto.ErrLayout, vending.Failed, "meter_layout"},
	{meterproto.ErrLineGone, vending.Failed, "line_gone"},
	{meterproto.ErrSpeed, vending.Failed, "line_speed"},
	{spool.ErrInUse, vending.Locked, "spool_in_use"},
	{context.Canceled, vending.Failed, "interrupted"},
	{context.DeadlineExceeded, vending.Failed, "timed_out"},
}

// Explain finds the kind, the code and the arguments of an error. What nobody
// foresaw is "unforeseen": its detail is for the log, not for the page.
func Explain(err error) (vending.Kind, string, map[string]any) {
	var known *vending.Error
	if errors.As(err, &known) {
		return known.Kind, known.Code, known.Args
	}
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			return s.kind, s.code, nil
		}
	}
	return vending.Failed, "unforeseen", nil
}
