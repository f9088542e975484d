using System.Text.Json;
using DropoutLab.Dashboard.Report;
using DropoutLab.Dropout;
using DropoutLab.Experiments;
using DropoutLab.Experiments.Statistics;
using DropoutLab.Runs;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Experiments;

public sealed class SweepSummaryTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void CellsDifferencesAndThePostersFigures()
    {
        MadeUpSweep sweep = new(folder.Root, ["none", "standard:0.2", "forward:0.2"], seeds: 3);
        sweep.Finish("none", accuracies: [0.70, 0.72, 0.74], trainLosses: [1, 1, 1]);
        sweep.Finish("standard:0.2", accuracies: [0.71, 0.74, 0.77], trainLosses: [1.1, 1.2, 1.3]);
        sweep.Finish("forward:0.2", accuracies: [0.60, 0.62], trainLosses: [2, 2]);

        SweepSummary summary = SweepSummary.Read(folder.Root);
        TableSummary table = Assert.Single(summary.Tables);
        CellSummary plain = table.Cells[0], standard = table.Cells[1], forward = table.Cells[2];

        Assert.Equal((8, 1), (summary.Count(RunState.Finished), summary.Count(RunState.Waiting)));
        Assert.Equal(0.72, plain.TestAccuracy.Mean!.Value, 1e-12);
        Assert.Equal(0.02, plain.TestAccuracy.StandardDeviation!.Value, 1e-12);
        Assert.Null(plain.AgainstPlain);
        Assert.Null(plain.AgainstStandard);
        // Differences 0.01, 0.02, 0.03: mean 0.02, s 0.01, t(2) = 4.302653.
        Assert.Equal(0.02, standard.AgainstPlain!.TestAccuracy.Mean!.Value, 1e-12);
        Assert.Equal(0.02 - 4.3026527299 * 0.01 / Math.Sqrt(3), standard.AgainstPlain.TestAccuracy.Low!.Value, 1e-9);
        Assert.Equal(0.2, standard.AgainstPlain.TrainLoss.Mean!.Value, 1e-12);
        Assert.Null(standard.AgainstStandard);
        // Only the seeds that both have: 0.60 − 0.71, 0.62 − 0.74.
        Assert.Equal((2, "standard-0.2"), (forward.AgainstStandard!.TestAccuracy.Count, forward.AgainstStandard.Against));
        Assert.Equal(-0.115, forward.AgainstStandard.TestAccuracy.Mean!.Value, 1e-12);
        Assert.Equal([0.7579, 0.7617, 0.7211], table.Cells.Select(cell => cell.PosterAccuracy!.Value));
        Assert.Equal(
            Math.Sqrt((Math.Pow(0.72 - 0.7579, 2) + Math.Pow(0.74 - 0.7617, 2) + Math.Pow(0.61 - 0.7211, 2)) / 3),
            table.PosterDistance!.Value, 1e-12);
    }

    [Fact]
    public void AnObservationIsSupportedByAllItsStatementsAndRefutedByOne()
    {
        MadeUpSweep sweep = new(
            folder.Root, ["none", "forward:0.005", "backward:0.005", "standard:0.05", "forward:0.05"], seeds: 3);
        sweep.Finish("none", [0.700, 0.702, 0.704], [1, 1, 1]);
        sweep.Finish("forward:0.005", [0.701, 0.702, 0.704], [1.01, 1, 1.01]);
        sweep.Finish("backward:0.005", [0.711, 0.713, 0.714], [1, 1, 1]);
        sweep.Finish("standard:0.05", [0.7, 0.7, 0.7], [1, 1, 1]);
        sweep.Finish("forward:0.05", [0.6, 0.6, 0.6], [1, 1, 1.01]);

        IReadOnlyList<Observation> observations = SweepSummary.Read(folder.Root).Tables[0].Observations;

        Assert.Equal(["p = 0.05", "p = 0.005"], observations.Select(observation => observation.Topic));
        Assert.Equal([Verdict.Refuted, Verdict.Supported], observations.Select(observation => observation.Verdict));
        // Forward's loss is near standard's; backward is missing; forward's accuracy is below plain's.
        Assert.Equal(
            [Verdict.Supported, Verdict.Undecided, Verdict.Refuted, Verdict.Undecided, Verdict.Undecided],
            observations[0].Statements.Select(statement => statement.Verdict));
        Assert.Equal(0, observations[0].Statements[1].Difference.Count);
    }

    [Fact]
    public void Table2IsATableForEachDataSetWithItsOwnClaim()
    {
        MadeUpSweep sweep = MadeUpSweep.Table2(folder.Root, seeds: 3, epochs: 2);
        sweep.Finish("standard:0.1", [0.960, 0.961, 0.962], [1, 1, 1], "svhn");
        sweep.Finish("augmented:0.1/0.0002", [0.963, 0.964, 0.966], [1, 1, 1], "svhn");
        sweep.Finish("standard:0.2", [0.96, 0.96, 0.96], [1, 1, 1], "svhn");
        sweep.Finish("augmented:0.2/0.0002", [0.95, 0.96, 0.97], [1, 1, 1], "svhn");
        sweep.Finish("standard:0.3", [0.96, 0.96, 0.96], [1, 1, 1], "svhn");
        sweep.Finish("augmented:0.3/0.0002", [0.95, 0.95, 0.951], [1, 1, 1], "svhn");

        SweepSummary summary = SweepSummary.Read(folder.Root);
        summary.Write(folder.Root);
        TableSummary svhn = summary.Tables[0];
        Observation claim = Assert.Single(svhn.Observations);

        Assert.Equal(["dataset svhn", "dataset cifar10", "dataset cifar100"], summary.Tables.Select(table => table.Name));
        Assert.Equal([0.9618, 0.9626, 0.9655, 0.9627, 0.9648, 0.9667], svhn.Cells.Select(cell => cell.PosterAccuracy!.Value));
        Assert.Equal(0.01 / 3, svhn.Cells[3].AgainstStandard!.TestAccuracy.Mean!.Value, 1e-12);
        Assert.Equal(("augmented dropout", Verdict.Refuted), (claim.Topic, claim.Verdict));
        Assert.Equal(
            [Verdict.Supported, Verdict.Undecided, Verdict.Refuted], claim.Statements.Select(statement => statement.Verdict));
        Assert.Equal("augmented:0.1/0.0002's test accuracy is above standard:0.1's", claim.Statements[0].Text);
        Assert.Equal(svhn.Cells[3].AgainstStandard!.TestAccuracy, claim.Statements[0].Difference);
        string markdown = File.ReadAllText(folder["summary.md"]);
        Assert.Contains("\n**augmented dropout: refuted.** Augmented dropout is more accurate than standard dropout.\n", markdown,
            StringComparison.Ordinal);
        Assert.Contains("| dropout | n | test accuracy | s | poster | over standard | training loss | test loss |\n", markdown,
            StringComparison.Ordinal);
    }

    [Fact]
    public void TablesOfTheSameFiguresAreOrderedByTheirDistanceFromThem()
    {
        RunConfiguration[] cells =
        [
            .. from at in (string[])["all", "fc1", "fc2"]
               from rule in (string[])["standard:0.1", "standard:0.2"]
               select MadeUpSweep.Configuration(rule) with { DropoutAt = SiteSelection.Parse(at) },
            MadeUpSweep.Configuration("augmented:0.3/0.0001") with { Model = "resnet20" },
        ];
        MadeUpSweep sweep = new(folder.Root, "placements", cells, seeds: 1);
        foreach ((string at, double off) in ((string, double)[])[("all", 0.02), ("fc1", -0.01)])
        {
            sweep.Finish("standard:0.1", [0.7657 + off], [1], at: at);
            sweep.Finish("standard:0.2", [0.7617 - off], [1], at: at);
        }

        sweep.Finish("standard:0.1", [0.7657], [1], at: "fc2"); // nearest, but in one of the two cells alone
        sweep.Finish("augmented:0.3/0.0001", [0.9], [1]);

        SweepSummary summary = SweepSummary.Read(folder.Root);
        summary.Write(folder.Root);

        TablesByDistance nearest = Assert.Single(summary.NearestToPoster());
        Assert.Equal("convnet-quick on cifar10", nearest.Network);
        Assert.Equal(["fc1", "all"], nearest.Tables.Select(table => $"{table.Cells[0].DropoutAt}"));
        Assert.Contains(
            "convnet-quick on cifar10: root mean square distance of the accuracies from the poster's, the nearest first:\n\n* "
                + "model convnet-quick, dropout_at fc1: 0.0100\n* model convnet-quick, dropout_at all: 0.0200\n",
            File.ReadAllText(folder["summary.md"]), StringComparison.Ordinal);
    }

    /// <summary>Distances on different images are not to be compared.</summary>
    [Fact]
    public void EachDataSetHasItsOwnNearestTable()
    {
        RunConfiguration[] cells =
        [
            .. from dataset in (string[])["svhn", "cifar10"]
               from at in (string[])["fc", "all"]
               select MadeUpSweep.Configuration("standard:0.1") with
               {
                   Model = "resnet20",
                   Dataset = dataset,
                   DropoutAt = SiteSelection.Parse(at),
               },
        ];
        MadeUpSweep sweep = new(folder.Root, "placements", cells, seeds: 1);
        sweep.Finish("standard:0.1", [0.8], [1], "svhn", "fc");
        sweep.Finish("standard:0.1", [0.9], [1], "svhn", "all");
        sweep.Finish("standard:0.1", [0.9], [1], "cifar10", "fc");
        sweep.Finish("standard:0.1", [0.5], [1], "cifar10", "all");

        IReadOnlyList<TablesByDistance> nearest = SweepSummary.Read(folder.Root).NearestToPoster();

        Assert.Equal(["resnet20 on svhn", "resnet20 on cifar10"], nearest.Select(tables => tables.Network));
        Assert.Equal(
            [["all", "fc"], ["fc", "all"]],
            nearest.Select(tables => tables.Tables.Select(table => $"{table.Cells[0].DropoutAt}").ToArray()));
    }

    /// <summary>The line of an epoch comes before its checkpoint, which may fail; so says the sweep itself.</summary>
    [Fact]
    public void ARunThatFailedBehindItsLastEpochHasFailed()
    {
        MadeUpSweep sweep = new(folder.Root, ["none"], seeds: 2);
        sweep.Finish("none", [0.7, 0.8], [1, 1]);
        sweep.Fail("none-s1", epochsLeft: 2, "no space is left for shape:*,1,1,* and <that>");

        SweepSummary summary = SweepSummary.Read(folder.Root);
        summary.Write(folder.Root);

        Assert.Equal(
            (RunState.Failed, "no space is left for shape:*,1,1,* and <that>"), (summary.Runs[0].State, summary.Runs[0].Reason));
        Assert.Equal((1, 0.8), (summary.Tables[0].Cells[0].TestAccuracy.Count, summary.Tables[0].Cells[0].TestAccuracy.Mean));
        Assert.Contains(@"* none-s1: no space is left for shape:\*,1,1,\* and \<that>", File.ReadAllText(folder["summary.md"]),
            StringComparison.Ordinal);
    }

    /// <summary>
    /// Figure 1 is drawn of these: a run that failed has no part in them, one that is not through has the epochs that it has.
    /// </summary>
    [Fact]
    public void ACurveIsOfTheRunsThatHaveNotFailed()
    {
        MadeUpSweep sweep = new(folder.Root, ["standard:0.2"], seeds: 4);
        sweep.Finish("standard:0.2", [0.5, 0.75, 0.9, 0.6], [1, 1.5, 7, 9]);
        sweep.Fail("standard-0.2-s3", epochsLeft: 2, "a reason");
        sweep.Cut("standard-0.2-s4", epochsLeft: 1);

        IReadOnlyList<CurvePoint> curve = SweepSummary.Read(folder.Root).Tables[0].Cells[0].Curve;

        Assert.Equal([(1, 3, 1.5), (2, 2, 1.25)],
            curve.Select(point => (point.Epoch, point.TrainLoss.Count, Math.Round(point.TrainLoss.Mean!.Value, 12))));
        Assert.Equal(
            [(3, 1.4), (2, 1.2)], curve.Select(point => (point.TestLoss.Count, Math.Round(point.TestLoss.Mean!.Value, 12))));
        Assert.Equal([(3, 0.3), (2, 0.625)],
            curve.Select(point => (point.TestAccuracy.Count, Math.Round(point.TestAccuracy.Mean!.Value, 12))));
    }

    /// <summary>Of five seeds of one cell and two of the other, two pairs are left.</summary>
    [Fact]
    public void ADifferenceOfFewerPairsSaysOfHowMany()
    {
        MadeUpSweep sweep = new(folder.Root, ["none", "forward:0.2"], seeds: 5);
        sweep.Finish("none", [0.7, 0.8], [1, 1]);
        sweep.Finish("forward:0.2", [0.7, 0.8, 0.7, 0.8, 0.7], [1, 1, 1, 1, 1]);

        SweepSummary.Read(folder.Root).Write(folder.Root);

        Assert.Contains("| forward:0.2 | 5 | 0.7400 ± 0.0680 | 0.0548 | 0.7211 | 0.0000 ± 0.0000 (n = 2) |",
            File.ReadAllText(folder["summary.md"]), StringComparison.Ordinal);
    }

    [Fact]
    public void APlainNetworkIsInTheTablesOfAllPlacements()
    {
        RunConfiguration[] cells =
        [
            MadeUpSweep.Configuration("none"), MadeUpSweep.Configuration("standard:0.2"),
            MadeUpSweep.Configuration("forward:0.2") with { DropoutAt = ["fc1"] },
            MadeUpSweep.Configuration("backward:0.2") with { Epochs = 3 },
        ];
        MadeUpSweep sweep = new(folder.Root, "placements", cells, seeds: 3);
        sweep.Finish("none", [0.70, 0.71, 0.72], [1, 1, 1]);
        sweep.Finish("forward:0.2", [0.71, 0.72, 0.73], [1, 1, 1]);

        IReadOnlyList<TableSummary> tables = SweepSummary.Read(folder.Root).Tables;

        Assert.Equal(
            ["none standard:0.2", "none forward:0.2", "backward:0.2"],
            tables.Select(table => string.Join(' ', table.Cells.Select(cell => cell.Dropout))));
        Assert.Equal(0.01, tables[1].Cells[1].AgainstPlain!.TestAccuracy.Mean!.Value, 1e-12);
    }

    /// <summary>The poster has one ratio at all sites; standard:0 drops at a site that has another.</summary>
    [Fact]
    public void RatiosOfSitesAreNotHeldAgainstThePoster()
    {
        RunConfiguration[] cells =
        [
            MadeUpSweep.Configuration("none"),
            .. ((string[])["standard:0", "standard:0.2", "forward:0.2"])
                .Select(rule => MadeUpSweep.Configuration(rule) with { DropoutAt = ["fc1", "conv2=0.1"] }),
        ];
        MadeUpSweep sweep = new(folder.Root, "sites", cells, seeds: 2);
        sweep.Finish("none", [0.70, 0.71], [1, 1]);
        sweep.Finish("standard:0", [0.72, 0.73], [1, 1]);
        sweep.Finish("forward:0.2", [0.71, 0.72], [1, 1]);
        sweep.Finish("standard:0.2", [0.73, 0.74], [1, 1]);

        TableSummary table = Assert.Single(SweepSummary.Read(folder.Root).Tables);

        Assert.Equal(["none", "standard:0", "standard:0.2", "forward:0.2"], table.Cells.Select(cell => $"{cell.Dropout}"));
        Assert.False(table.ComparesWithPoster);
        Assert.Null(table.PosterDistance);
        Assert.Equal(
            [0.02, 0.03, 0.01], table.Cells.Skip(1).Select(cell => Math.Round(cell.AgainstPlain!.TestAccuracy.Mean!.Value, 12)));
        Assert.Equal(-0.02, table.Cells[3].AgainstStandard!.TestAccuracy.Mean!.Value, 1e-12);
        Assert.Empty(table.Observations);
        MethodGrid grid = MethodGrid.Of(table, 0);
        Assert.Equal(["0.2", "0"], grid.Ratios);
        Assert.Equal(("fc1,conv2=0.1", false), (grid.SitesWithRatios, grid.IsOfFigure1));
    }

    /// <summary>Standard dropout of ratio 0 is the plain network, unless a site has a ratio of its own.</summary>
    [Fact]
    public void APlainNetworkIsNoStandardDropout()
    {
        MadeUpSweep sweep = new(
            folder.Root, "sites",
            [MadeUpSweep.Configuration("standard:0"), MadeUpSweep.Configuration("forward:0") with { DropoutAt = ["fc1=0.1"] }],
            seeds: 1);
        sweep.Finish("standard:0", [0.7], [1]);
        sweep.Finish("forward:0", [0.6], [1]);

        CellSummary forward = Assert.Single(SweepSummary.Read(folder.Root).Tables).Cells[1];

        Assert.Equal(-0.1, forward.AgainstPlain!.TestAccuracy.Mean!.Value, 1e-12);
        Assert.Null(forward.AgainstStandard);
    }

    [Theory]
    [InlineData("resnet20", "cifar10", "standard:0.2", "augmented:0.2/0.5")] // Not a pair of the poster's.
    [InlineData("resnet20", "fashion-mnist", "standard:0.2", "augmented:0.2/0.0001")]
    [InlineData("convnet-quick", "cifar100", "standard:0.2", "forward:0.2")]
    [InlineData("mlp", "cifar10", "standard:0.2", "forward:0.2")]
    public void WhatThePosterSaysNothingOfIsNotHeldAgainstIt(string model, string dataset, params string[] rules)
    {
        RunConfiguration[] cells =
            [.. rules.Select(rule => MadeUpSweep.Configuration(rule) with { Model = model, Dataset = dataset })];
        _ = new MadeUpSweep(folder.Root, "elsewhere", cells, seeds: 1);

        Assert.Empty(Assert.Single(SweepSummary.Read(folder.Root).Tables).Observations);
    }

    [Fact]
    public void TheTwoFormsOfAugmentedDropoutAreHeldApart()
    {
        string[] rules = ["standard:0.1", "augmented-independent:0.1/0.0001", "augmented:0.1/0.0001"];
        MadeUpSweep sweep = new(
            folder.Root, "forms",
            [.. rules.Select(rule => MadeUpSweep.Configuration(rule) with { Model = "resnet20" })], seeds: 3);
        sweep.Finish(rules[0], [0.91, 0.92, 0.93], [1, 1, 1]);
        sweep.Finish(rules[1], [0.90, 0.91, 0.92], [1, 1, 1]);
        sweep.Finish(rules[2], [0.92, 0.93, 0.94], [1, 1, 1]);

        Assert.Equal(
            [("augmented-independent dropout", Verdict.Refuted), ("augmented dropout", Verdict.Supported)],
            SweepSummary.Read(folder.Root).Tables[0].Observations.Select(
                observation => (observation.Topic, observation.Verdict)));
    }

    [Fact]
    public void OneSeedHasNoIntervalsAndDecidesNothing()
    {
        MadeUpSweep sweep = new(folder.Root, ["none", "forward:0.2"], seeds: 1);
        sweep.Finish("none", [0.7], [1]);
        sweep.Finish("forward:0.2", [0.6], [2]);

        SweepSummary summary = SweepSummary.Read(folder.Root);
        summary.Write(folder.Root);

        Assert.Null(summary.Tables[0].Cells[0].TestAccuracy.High);
        Assert.Equal(Verdict.Undecided, Assert.Single(summary.Tables[0].Observations).Verdict);
        Assert.Contains("| forward:0.2 | 1 | 0.6000 | – | 0.7211 | −0.1000 | 2.0000 | 1.2000 |",
            File.ReadAllText(folder["summary.md"]), StringComparison.Ordinal);
        JsonElement json = JsonDocument.Parse(File.ReadAllText(folder["summary.json"])).RootElement;
        JsonElement accuracy = json.GetProperty("tables")[0].GetProperty("cells")[1].GetProperty("test_accuracy");
        Assert.Equal((1, 0.6), (accuracy.GetProperty("n").GetInt32(), accuracy.GetProperty("mean").GetDouble()));
        Assert.Equal(JsonValueKind.Null, accuracy.GetProperty("high").ValueKind);
        Assert.Equal(
            "undecided", json.GetProperty("tables")[0].GetProperty("observations")[0].GetProperty("verdict").GetString());
        Assert.Equal(
            [1.5, 2], json.GetProperty("runs")[1].GetProperty("train_loss").EnumerateArray().Select(loss => loss.GetDouble()));
    }

    [Fact]
    public void WhatIsHalfWrittenOrGoneIsNotThere()
    {
        MadeUpSweep sweep = new(folder.Root, ["none", "standard:0.2"], seeds: 2);
        sweep.Finish("none", [0.7, 0.71], [1, 1]);
        sweep.Finish("standard:0.2", [0.7, 0.71], [1, 1]);
        string metrics = folder["runs", "none-s1", MetricsFile.FileName];
        File.WriteAllText(metrics, File.ReadAllText(metrics)[..^20]);
        File.Delete(folder["runs", "standard-0.2-s1", "config.json"]);
        Directory.Delete(folder["runs", "standard-0.2-s2"], recursive: true);

        SweepSummary summary = SweepSummary.Read(folder.Root);

        Assert.Equal(
            [RunState.Interrupted, RunState.Waiting, RunState.Finished, RunState.Waiting], summary.Runs.Select(run => run.State));
        Assert.Single(summary.Runs[0].Epochs);
        Assert.Equal([2, 1], summary.Tables[0].Cells[0].Curve.Select(point => point.TestLoss.Count));
    }
}
