use std::collections::VecDeque;

use domain::Client;
use tokio::sync::oneshot;

use crate::{Bounds, Exceeded, Share};

/// Who waits: a line for each client, and the lines take turns.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    waiting: usize,
    /// Never an empty line in it; the first one is next.
    lines: VecDeque<Line>,
}

#[derive(Debug)]
struct Line {
    client: Client,
    waiting: VecDeque<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    amount: u64,
    sender: oneshot::Sender<Share>,
}

/// Whose turn it is; what they asked for is theirs already.
#[derive(Debug)]
pub(crate) struct Next {
    pub(crate) client: Client,
    pub(crate) amount: u64,
    pub(crate) sender: oneshot::Sender<Share>,
}

impl Lines {
    /// How many wait.
    pub(crate) const fn waiting(&self) -> usize {
        self.waiting
    }

    /// Takes the last place in the client's line.
    pub(crate) fn join(
        &mut self,
        client: Client,
        amount: u64,
        sender: oneshot::Sender<Share>,
        bounds: &Bounds,
    ) -> Result<(), Exceeded> {
        if self.length(client) >= bounds.waiting_per_client || self.waiting >= bounds.waiting {
            self.drop_abandoned();
        }
        let own = self.length(client);
        if own >= bounds.waiting_per_client {
            return Err(Exceeded::Own);
        }
        if self.waiting >= bounds.waiting && !self.displace_from_longer_than(own.saturating_add(1)) {
            return Err(Exceeded::Total);
        }
        let waiting = Waiting { amount, sender };
        match self.lines.iter_mut().find(|line| line.client == client) {
            Some(line) => line.waiting.push_back(waiting),
            None => self.lines.push_back(Line { client, waiting: VecDeque::from([waiting]) }),
        }
        self.waiting = self.waiting.saturating_add(1);
        Ok(())
    }

    /// The next one for whom `reserve` finds enough. A client at its own bound is passed over; where all together are at theirs,
    /// everybody waits for the first, so that who needs much is not overtaken for ever by those who need little.
    pub(crate) fn next(&mut self, reserve: impl Fn(Client, u64) -> Result<(), Exceeded>) -> Option<Next> {
        self.drop_abandoned();
        for _ in 0..self.lines.len() {
            let mut line = self.lines.pop_front()?;
            let outcome = line.waiting.front().map(|first| reserve(line.client, first.amount));
            match outcome {
                Some(Ok(())) => {
                    let first = line.waiting.pop_front();
                    self.waiting = self.waiting.saturating_sub(1);
                    let client = line.client;
                    if !line.waiting.is_empty() {
                        self.lines.push_back(line);
                    }
                    return first.map(|Waiting { amount, sender }| Next { client, amount, sender });
                }
                Some(Err(Exceeded::Total)) => {
                    self.lines.push_front(line);
                    return None;
                }
                Some(Err(Exceeded::Own)) => self.lines.push_back(line),
                None => {}
            }
        }
        None
    }

    fn length(&self, client: Client) -> usize {
        self.lines.iter().find(|line| line.client == client).map_or(0, |line| line.waiting.len())
    }

    /// Those whose client has gone away.
    fn drop_abandoned(&mut self) {
        for line in &mut self.lines {
            line.waiting.retain(|waiting| !waiting.sender.is_closed());
        }
        self.lines.retain(|line| !line.waiting.is_empty());
        self.waiting = self.lines.iter().map(|line| line.waiting.len()).sum();
    }

    /// Takes the newest place of the longest line, if that is longer than this: who waits with many gives way to who waits with few.
    fn displace_from_longer_than(&mut self, length: usize) -> bool {
        let longest = self.lines.iter_mut().max_by_key(|line| line.waiting.len());
        let Some(line) = longest.filter(|line| line.waiting.len() > length) else { return false };
        line.waiting.pop_back();
        self.waiting = self.waiting.saturating_sub(1);
        true
    }
}
