using System.Text.Json;
using DropoutLab.Experiments;
using DropoutLab.Experiments.Statistics;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Experiments;

/// <summary>Of three seeds, an interval is the mean difference ± 2.484 s, for t(2) / √3 = 4.302653 / 1.732051.</summary>
public sealed class Figure1ObservationsTests : IDisposable
{
    private static readonly string[] AtLarge =
    [
        "forward's training loss is above plain's",
        "forward's training loss is above standard's",
        "forward's training loss is above backward's",
        "forward's test accuracy is below plain's",
        "forward's test accuracy is below standard's",
        "forward's test accuracy is below backward's",
        "backward's training loss is below standard's",
        "backward's test accuracy is not above standard's (not by 0.005 or more)",
    ];

    private static readonly string[] AtMiddle =
    [
        "forward's training loss is within 0.05 of standard's",
        "backward's training loss is within 0.05 of standard's",
        "forward's test accuracy is above plain's",
        "backward's test accuracy is above plain's",
        "forward's test accuracy is above backward's",
    ];

    private static readonly string[] AtSmall =
    [
        "forward's test accuracy is within 0.005 of plain's",
        "forward's training loss is within 0.05 of plain's",
        "backward's test accuracy is above plain's",
    ];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Backward's accuracy is below standard's by 0.002 ± 0.0025: less than the margin above it.</summary>
    [Fact]
    public void AtALargeRatioForwardIsWorse()
    {
        Observation observation = Observe(
            ("standard:0.2", [0.760, 0.762, 0.764], [1.05, 1.06, 1.07]),
            ("forward:0.2", [0.700, 0.703, 0.703], [1.60, 1.62, 1.61]),
            ("backward:0.2", [0.758, 0.759, 0.763], [0.94, 0.96, 0.98]));

        AssertSays(observation, "p = 0.2", Verdict.Supported, AtLarge, [0.6, 0.55, 0.65, -0.05, -0.06, -0.058, -0.1, -0.002]);
    }

    [Fact]
    public void AForwardThatIsBetterAtALargeRatioRefutesIt()
    {
        Observation observation = Observe(
            ("standard:0.2", [0.760, 0.762, 0.764], [1.05, 1.06, 1.07]),
            ("forward:0.2", [0.800, 0.803, 0.803], [0.60, 0.62, 0.61]),
            ("backward:0.2", [0.768, 0.769, 0.773], [1.14, 1.16, 1.18]));

        AssertSays(observation, "p = 0.2", Verdict.Refuted, AtLarge, [-0.4, -0.45, -0.55, 0.05, 0.04, 0.032, 0.1, 0.008]);
    }

    /// <summary>The losses' differences from standard's are within the losses' margin, and beyond that of accuracies.</summary>
    [Fact]
    public void AtAMiddleRatioForwardBeatsBackward()
    {
        Observation observation = Observe(
            ("standard:0.05", [0.765, 0.767, 0.769], [1.05, 1.06, 1.07]),
            ("forward:0.05", [0.766, 0.769, 0.769], [1.088, 1.100, 1.112]),
            ("backward:0.05", [0.757, 0.758, 0.762], [1.018, 1.030, 1.042]));

        AssertSays(observation, "p = 0.05", Verdict.Supported, AtMiddle, [0.04, -0.03, 0.016, 0.007, 0.009]);
    }

    /// <summary>Losses that are 0.07 above standard's and 0.08 below are not near it.</summary>
    [Fact]
    public void LossesFarFromStandardsAtAMiddleRatioRefuteIt()
    {
        Observation observation = Observe(
            ("standard:0.05", [0.765, 0.767, 0.769], [1.05, 1.06, 1.07]),
            ("forward:0.05", [0.740, 0.742, 0.747], [1.118, 1.130, 1.142]),
            ("backward:0.05", [0.745, 0.746, 0.750], [0.968, 0.980, 0.992]));

        AssertSays(observation, "p = 0.05", Verdict.Refuted, AtMiddle, [0.07, -0.08, -0.009, -0.005, -0.004]);
    }

    [Fact]
    public void AtASmallRatioForwardIsNearPlain()
    {
        Observation observation = Observe(
            ("forward:0.005", [0.752, 0.755, 0.755], [1.029, 1.040, 1.051]),
            ("backward:0.005", [0.757, 0.758, 0.762], [1.2, 1.2, 1.2]));

        AssertSays(observation, "p = 0.005", Verdict.Supported, AtSmall, [0.002, 0.03, 0.007]);
    }

    /// <summary>An accuracy that is 0.0075 above plain's and a loss that is 0.07 below are not near it.</summary>
    [Fact]
    public void AForwardFarFromPlainAtASmallRatioRefutesIt()
    {
        Observation observation = Observe(
            ("forward:0.005", [0.757, 0.760, 0.7615], [0.931, 0.940, 0.949]),
            ("backward:0.005", [0.744, 0.745, 0.749], [1.2, 1.2, 1.2]));

        AssertSays(observation, "p = 0.005", Verdict.Refuted, AtSmall, [0.0075, -0.07, -0.006]);
    }

    [Fact]
    public void TheSummarySaysWhatIsNear()
    {
        _ = new MadeUpSweep(folder.Root, ["none"], seeds: 1);

        JsonElement margins = JsonDocument.Parse(SweepSummary.Read(folder.Root).ToJson()).RootElement.GetProperty("margins");

        Assert.Equal((0.005, 0.05), (margins.GetProperty("accuracy").GetDouble(), margins.GetProperty("loss").GetDouble()));
    }

    /// <summary>The one observation of a sweep of these cells and a network without dropout.</summary>
    private Observation Observe(params (string Rule, double[] Accuracies, double[] TrainLosses)[] cells)
    {
        MadeUpSweep sweep = new(folder.Root, ["none", .. cells.Select(cell => cell.Rule)], seeds: 3);
        sweep.Finish("none", [0.750, 0.752, 0.754], [1.00, 1.01, 1.02]);
        foreach ((string rule, double[] accuracies, double[] trainLosses) in cells)
            sweep.Finish(rule, accuracies, trainLosses);
        return Assert.Single(Assert.Single(SweepSummary.Read(folder.Root).Tables).Observations);
    }

    /// <summary>
    /// Asserts the observation's verdict, which is that of all its statements, and the differences that they are about.
    /// </summary>
    private static void AssertSays(Observation observation, string topic, Verdict verdict, string[] texts, double[] differences)
    {
        Assert.Equal((topic, verdict), (observation.Topic, observation.Verdict));
        Assert.Equal(
            texts.Zip(differences, (text, difference) => (text, verdict, difference)),
            observation.Statements.Select(
                statement => (statement.Text, statement.Verdict, Math.Round(statement.Difference.Mean!.Value, 12))));
        Assert.All(observation.Statements, statement => Assert.Equal(3, statement.Difference.Count));
    }
}
