//! The words for [`crate::rules::leaking_instances::http_agents`].

use crate::locate::statements::MAX_SHOWN;
use crate::report::Text;
use crate::report::text::{bytes, name, text};
use crate::report::units::series;
use crate::rules::leak::{Facts, Leak, Spotted, Words};
use crate::rules::leaking_instances::http_agents::{AGENT, PiledUpAgents};
use crate::verdict::trend::Trend;
use crate::words::statements::places_of;
use crate::words::{only_filled, retained};

impl Facts for PiledUpAgents {
    fn again(&self) -> Option<&'static str> {
        Some("With them stay")
    }

    fn spotted(&self) -> Vec<&Spotted> {
        self.places.iter().collect()
    }

    fn words(&self, leak: &Leak) -> Words {
        let fact = |retained: Text| {
            let grow = match self.trend {
                Trend::Kept { .. } => "piled up and stayed",
                Trend::Growing { .. } | Trend::Once => "pile up",
            };
            text![
                "instances of ",
                name(AGENT),
                " ",
                grow,
                ": ",
                series(&leak.counts),
                ", ",
                retained
            ]
        };
        let after = match self.trend {
            Trend::Kept { .. } => only_filled(leak),
            Trend::Growing { .. } | Trend::Once => "",
        };
        let title = fact(retained(self.retained, leak));
        let message = text![
            title.clone().capitalized(),
            ". They are made in ",
            places_of(&self.made, MAX_SHOWN),
            ". An agent keeps its sockets for the next request, and each open socket keeps the agent.",
            after,
        ];
        let alone = fact(text![bytes(self.retained), " retained"]).capitalized();
        let places = self.places.iter().map(|place| {
            let label = "makes an agent of its own each time";
            place.saying(label, text![&alone, ". They are made here."])
        });
        Words {
            title,
            message,
            help: "make one agent and use it for all requests, or end each when it is done \
                   (`agent.destroy()`)"
                .into(),
            places: places.collect(),
        }
    }
}
