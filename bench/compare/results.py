# SPDX-License-Identifier: BSD-3-Clause
"""What `run --json` keeps, asked for medians. A measurement with a fault is in none of them."""

import figures


class Results:
    def __init__(self, data):
        self.data = data
        self.servers, self.titles = data["servers"], data["titles"]
        self.all = data["results"]

    def sizes(self):
        return sorted({each["records"] for each in self.all})

    def faults(self):
        """(title, round, what, sentence) of each measurement that does not count."""
        return [(self.titles[each["server"]], each["round"], each["what"], each["fault"])
                for each in self.all if each["fault"]]

    def counted(self, server, what, **wanted):
        """The measurements of that kind that count, where each key of `wanted` has that value."""
        return [each for each in self.all
                if each["server"] == server and each["what"] == what and not each["fault"]
                and all(each.get(key) == value for key, value in wanted.items())]

    def median(self, server, what, key, **wanted):
        """None when no measurement counts."""
        return figures.median(each.get(key) for each in self.counted(server, what, **wanted))

    def memory(self, server, records):
        """Median bytes of anonymous memory and hugepages together."""
        return figures.median(each["anonymous"] + each["huge"]
                              for each in self.counted(server, "load", records=records))

    def bytes_a_further_record(self, server):
        """The growth of memory between the two largest sizes, a record."""
        loaded = [(records, self.memory(server, records)) for records in self.sizes()]
        loaded = [(records, octets) for records, octets in loaded if octets is not None]
        if len(loaded) < 2:
            return None
        (few, less), (many, more) = loaded[-2:]
        return (more - less) / (many - few)

    def sweep(self, server):
        """[(offered, answered, loss)]: medians by the rate that was asked for; the flood is the last."""
        wanted = sorted({each["wanted"] for each in self.all if each["what"] == "sweep"})
        points = [self._point(server, "sweep", rate) for rate in wanted]
        points.append(self._point(server, "flood", self.data["flood"]))
        return [point for point in points if point is not None]

    def _point(self, server, what, rate):
        point = tuple(self.median(server, what, key, wanted=rate)
                      for key in ("offered", "answered", "loss"))
        return None if None in point else point
