/* How fast could it be? The workload written for itself alone, with nothing general in it.
 *
 * A case has exactly one thing pending, so the record of a case is also its place in the agenda and in a queue. The agenda is an
 * array of short spans of time, each a list of cases in no order; only the span under way is put in order, and nothing beyond the
 * horizon is entered. A draw is a hash of the case and of what it decides; lengths of time are read from tables of quantiles,
 * laid out as in sim/engines/draws.py. Time is whole minutes. One row is written for every transition.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SEVERITIES = 3, KINDS = 6, VISITS = 6, OUTCOMES = 4 };
enum { TRIAGE, PSU, DPS, AUTHORITY, PANEL, TEAMS };
enum { EXPONENTIAL, CV_10, CV_08, CV_07, CV_05 }; /* tables of quantiles, each of mean 1 */
enum { OCTAVE = 64, SIDE = 41 * OCTAVE + 1, TABLE = 2 * SIDE };
enum { MOST_DUE = 1 << 14 };

enum { ARRIVES, IN_TRIAGE, AT_IOPC, IN_VISIT, OUTSIDE, IN_DECISION, LISTED, IN_HEARING, IN_MEETING }; /* what is pending */

enum {
    ARRIVED, TRIAGE_BEGAN, TRIAGE_ENDED, IOPC_ENDED, VISIT_BEGAN, VISIT_ENDED, OUTSIDE_ENDED, DECISION_BEGAN, DECISION_ENDED,
    LISTING_ENDED, HEARING_BEGAN, HEARING_ENDED, MEETING_ENDED, CLOSED
}; /* codes of rows */

enum {
    GAP, KIND, SEVERITY, HOW_MANY_VISITS, BY_IOPC, BY_PSU, CASE_TO_ANSWER, REFERRED, OUTCOME, TRIAGE_LASTS, IOPC_LASTS,
    DECISION_LASTS, LISTING_LASTS, HEARING_LASTS, MEETING_LASTS, VISIT_LASTS, OUTSIDE_LASTS = VISIT_LASTS + VISITS
}; /* what a draw decides; each visit has numbers of its own */

typedef struct {
    int32_t horizon, warm_up, span_bits, most_cases; /* minutes; a span is 2^span_bits minutes */
    int32_t posts[TEAMS];                            /* a panel is a room and a chair, so there are as many as of the scarcer */
    double gap, triage, iopc_wait, visit, external_wait, decision, listing_delay, hearing, meeting; /* mean minutes */
    double kind[KINDS], severity[SEVERITIES], visits[VISITS], outcome[OUTCOMES];                 /* cumulative shares */
    double kind_factor[KINDS], by_iopc, by_psu, case_to_answer, referred;
} Numbers;

typedef struct { int32_t minute, of; uint8_t code, value; } Row;

typedef struct {
    uint64_t key;
    int32_t at, received, next;
    uint8_t pending, severity, kind, visits, visit, team, heard;
} Case;

typedef struct {
    int32_t free, first[SEVERITIES], last[SEVERITIES];
    uint32_t waiting; /* one bit for each severity */
} Team;

typedef struct {
    const Numbers *numbers;
    const double *tables;
    Case *cases;
    int32_t *spans; /* the first case of each */
    uint64_t *due;  /* the span under way: minute and case in one number, ascending */
    int32_t next_due, end_due, span, now, closed;
    uint64_t root;
    double arrival;
    Team team[TEAMS];
    Row *row;
    int32_t *minutes_open;
} Play;

static inline uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static inline uint64_t child(uint64_t key, uint64_t number) { return mix(key + (number + 1) * UINT64_C(0x9E3779B97F4A7C15)); }

static inline double quantile(const double *table, uint64_t k) /* k: 52 bits */
{
    uint64_t upper = k >> 51;
    k ^= -upper & ((UINT64_C(1) << 52) - 1); /* either tail is read from its end */
    int shift = 57 - __builtin_clzll(k | 1 << 11);
    const double *at = table + upper * SIDE + (shift - 5) * OCTAVE + (k >> shift);
    uint64_t power = (uint64_t)(1023 - shift) << 52;
    double scale, low = at[0];
    memcpy(&scale, &power, sizeof scale); /* 2^-shift */
    return low + (at[1] - low) * ((double)(int64_t)(k & ((UINT64_C(1) << shift) - 1)) * scale);
}

static inline double uniform(uint64_t key, int purpose) { return ((double)(int64_t)(child(key, purpose) >> 12) + 0.5) * 0x1p-52; }

static inline int level(const double *cumulative, int levels, double u)
{
    int found = 0;
    for (int n = 0; n < levels - 1; n++)
        found += u >= cumulative[n];
    return found;
}

static inline int32_t lasts(const Play *p, int32_t c, int purpose, int table, double mean)
{
    double minutes = mean * quantile(p->tables + table * TABLE, child(p->cases[c].key, purpose) >> 12);
    return minutes < 1 ? 1 : (int32_t)(minutes + 0.5);
}

static inline void tell(Play *p, int32_t c, int code, int value) { *p->row++ = (Row){p->now, c, (uint8_t)code, (uint8_t)value}; }

static inline void put_in_order(Play *p, int32_t c, int32_t at)
{
    uint64_t mine = (uint64_t)at << 32 | (uint32_t)c;
    int32_t n = p->end_due++;
    if (n == MOST_DUE)
        abort();
    for (; n > p->next_due && p->due[n - 1] > mine; n--)
        p->due[n] = p->due[n - 1];
    p->due[n] = mine;
}

static inline void pend(Play *p, int32_t c, int what, int32_t at)
{
    Case *it = &p->cases[c];
    if (at >= p->numbers->horizon)
        return;
    it->pending = (uint8_t)what;
    it->at = at;
    int32_t span = at >> p->numbers->span_bits;
    if (span == p->span) {
        put_in_order(p, c, at);
    } else {
        it->next = p->spans[span];
        p->spans[span] = c;
    }
}

static void begin(Play *p, int team, int32_t c)
{
    const Numbers *numbers = p->numbers;
    const Case *it = &p->cases[c];
    if (team == TRIAGE) {
        tell(p, c, TRIAGE_BEGAN, 0);
        pend(p, c, IN_TRIAGE, p->now + lasts(p, c, TRIAGE_LASTS, CV_10, numbers->triage));
    } else if (team == AUTHORITY) {
        tell(p, c, DECISION_BEGAN, 0);
        pend(p, c, IN_DECISION, p->now + lasts(p, c, DECISION_LASTS, CV_07, numbers->decision));
    } else if (team == PANEL) {
        tell(p, c, HEARING_BEGAN, 0);
        pend(p, c, IN_HEARING, p->now + lasts(p, c, HEARING_LASTS, CV_05, numbers->hearing));
    } else {
        tell(p, c, VISIT_BEGAN, it->visit);
        double mean = numbers->visit * numbers->kind_factor[it->kind];
        pend(p, c, IN_VISIT, p->now + lasts(p, c, VISIT_LASTS + it->visit, CV_10, mean));
    }
}

static inline void ask(Play *p, int team, int32_t c)
{
    Team *t = &p->team[team];
    if (t->free) {
        t->free--;
        begin(p, team, c);
        return;
    }
    int s = p->cases[c].severity;
    p->cases[c].next = -1;
    if (t->waiting & 1u << s)
        p->cases[t->last[s]].next = c;
    else
        t->first[s] = c;
    t->last[s] = c;
    t->waiting |= 1u << s;
}

static inline void done(Play *p, int team)
{
    Team *t = &p->team[team];
    if (!t->waiting) {
        t->free++;
        return;
    }
    int s = __builtin_ctz(t->waiting);
    int32_t c = t->first[s];
    t->first[s] = p->cases[c].next;
    if (t->first[s] < 0)
        t->waiting &= ~(1u << s);
    begin(p, team, c);
}

static inline void close_case(Play *p, int32_t c)
{
    tell(p, c, CLOSED, 0);
    if (p->now >= p->numbers->warm_up)
        p->minutes_open[p->closed++] = p->now - p->cases[c].received;
}

static void next_arrival(Play *p, int32_t c)
{
    if (c == p->numbers->most_cases)
        abort();
    p->cases[c].key = child(p->root, c);
    p->arrival += p->numbers->gap * quantile(p->tables + EXPONENTIAL * TABLE, child(p->cases[c].key, GAP) >> 12);
    if (p->arrival < p->numbers->horizon)
        pend(p, c, ARRIVES, (int32_t)p->arrival);
}

static void arrive(Play *p, int32_t c)
{
    const Numbers *numbers = p->numbers;
    Case *it = &p->cases[c];
    uint64_t key = it->key;
    it->received = p->now;
    it->kind = (uint8_t)level(numbers->kind, KINDS, uniform(key, KIND));
    it->severity = (uint8_t)level(numbers->severity, SEVERITIES, uniform(key, SEVERITY));
    it->visits = (uint8_t)(1 + level(numbers->visits, VISITS, uniform(key, HOW_MANY_VISITS)));
    it->visit = 0;
    it->team = uniform(key, BY_PSU) < numbers->by_psu ? PSU : DPS;
    it->heard = it->severity < SEVERITIES - 1 && (uniform(key, CASE_TO_ANSWER) < numbers->case_to_answer)
        & (uniform(key, REFERRED) < numbers->referred);
    tell(p, c, ARRIVED, it->severity);
    next_arrival(p, c + 1);
    ask(p, TRIAGE, c);
}

/* What was pending for a case comes to pass. */
static inline void go_on(Play *p, int32_t c)
{
    const Numbers *numbers = p->numbers;
    Case *it = &p->cases[c];
    switch (it->pending) {
    case ARRIVES:
        arrive(p, c);
        break;
    case IN_TRIAGE:
        tell(p, c, TRIAGE_ENDED, 0);
        done(p, TRIAGE);
        if (uniform(it->key, BY_IOPC) < numbers->by_iopc)
            pend(p, c, AT_IOPC, p->now + lasts(p, c, IOPC_LASTS, CV_08, numbers->iopc_wait));
        else
            ask(p, it->team, c);
        break;
    case AT_IOPC:
        tell(p, c, IOPC_ENDED, 0);
        ask(p, it->team, c);
        break;
    case IN_VISIT:
        tell(p, c, VISIT_ENDED, it->visit);
        done(p, it->team);
        pend(p, c, OUTSIDE, p->now + lasts(p, c, OUTSIDE_LASTS + it->visit, CV_10, numbers->external_wait));
        break;
    case OUTSIDE:
        tell(p, c, OUTSIDE_ENDED, it->visit);
        ask(p, ++it->visit < it->visits ? it->team : AUTHORITY, c);
        break;
    case IN_DECISION:
        tell(p, c, DECISION_ENDED, level(numbers->outcome, OUTCOMES, uniform(it->key, OUTCOME)));
        done(p, AUTHORITY);
        if (it->heard)
            pend(p, c, LISTED, p->now + lasts(p, c, LISTING_LASTS, CV_05, numbers->listing_delay));
        else
            pend(p, c, IN_MEETING, p->now + lasts(p, c, MEETING_LASTS, CV_05, numbers->meeting));
        break;
    case LISTED:
        tell(p, c, LISTING_ENDED, 0);
        ask(p, PANEL, c);
        break;
    case IN_HEARING:
        tell(p, c, HEARING_ENDED, 0);
        done(p, PANEL);
        close_case(p, c);
        break;
    default:
        tell(p, c, MEETING_ENDED, 0);
        close_case(p, c);
    }
}

/* Play one replication; the number of rows. `rows` and `minutes_open` have room for all; `closed` receives the length of the latter. */
int64_t play(const Numbers *numbers, const double *tables, uint64_t seed, uint64_t replication, Row *rows, int32_t *minutes_open,
             int64_t *closed)
{
    int32_t spans = (numbers->horizon >> numbers->span_bits) + 1;
    Play p = {.numbers = numbers, .tables = tables, .row = rows, .minutes_open = minutes_open, .span = -1};
    p.root = child(mix(seed), replication);
    p.cases = malloc((size_t)numbers->most_cases * sizeof *p.cases);
    p.spans = malloc((size_t)spans * sizeof *p.spans);
    p.due = malloc(MOST_DUE * sizeof *p.due);
    if (!p.cases || !p.spans || !p.due)
        abort();
    memset(p.spans, 0xFF, (size_t)spans * sizeof *p.spans); /* -1: nobody */
    for (int team = 0; team < TEAMS; team++)
        p.team[team].free = numbers->posts[team];
    next_arrival(&p, 0);
    for (p.span = 0; p.span < spans; p.span++) {
        p.next_due = p.end_due = 0;
        for (int32_t c = p.spans[p.span]; c >= 0; c = p.cases[c].next)
            put_in_order(&p, c, p.cases[c].at);
        while (p.next_due < p.end_due) {
            uint64_t due = p.due[p.next_due++];
            p.now = (int32_t)(due >> 32);
            go_on(&p, (int32_t)due);
        }
    }
    *closed = p.closed;
    free(p.cases);
    free(p.spans);
    free(p.due);
    return p.row - rows;
}
