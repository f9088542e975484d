using System.Text.Json;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Runs;
using DropoutLab.Tests.Definitions;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Cli;

public sealed class EvaluateCommandTests
{
    private static readonly string[] Names =
        ["run", "epoch", "test_loss", "test_accuracy", "test_calibration_error", "images", "precision", "monte_carlo"];

    private static readonly string[] MonteCarloNames =
        ["passes", "passes_differ", "seed", "test_loss", "test_accuracy", "test_calibration_error"];

    [Fact]
    public void MonteCarloStandsBesideTheOrdinaryEvaluationAndDependsOnTheSeed()
    {
        using TemporaryFolder folder = new();
        Train(folder, "standard:0.5");

        JsonElement plain = Json(folder), own = Json(folder, "--monte-carlo", "3"),
            same = Json(folder, "--monte-carlo", "3", "--seed", "5");
        JsonElement other = Json(folder, "--monte-carlo", "3", "--seed", "6"), otherCount = Json(folder, "--monte-carlo", "4");

        Assert.Equal(Names[..^1], plain.EnumerateObject().Select(property => property.Name));
        Assert.Equal(Names, own.EnumerateObject().Select(property => property.Name));
        Assert.Equal(MonteCarloNames, own.GetProperty("monte_carlo").EnumerateObject().Select(property => property.Name));
        Assert.All(Names[..^1], name => Assert.Equal(plain.GetProperty(name).ToString(), own.GetProperty(name).ToString()));
        Assert.Equal((3, 5UL), (own.GetProperty("monte_carlo").GetProperty("passes").GetInt32(),
            own.GetProperty("monte_carlo").GetProperty("seed").GetUInt64()));
        Assert.Equal(own.ToString(), same.ToString());
        Assert.Equal(
            5, new[] { plain.GetProperty("test_loss").GetDouble(), Loss(own), Loss(same) + 1, Loss(other), Loss(otherCount) }
                .Distinct().Count());
    }

    [Fact]
    public void ItStopsWhenItIsTold()
    {
        using TemporaryFolder folder = new();
        Train(folder, "none");

        CommandRun run = CommandRun.Of(
            new StringWriter(), new CancellationToken(canceled: true), ["evaluate", folder["run"], "--data-dir", folder["data"]]);

        Assert.Equal((130, "", "dropoutlab: interrupted\n"), (run.ExitCode, run.Output, run.Error));
    }

    [Fact]
    public void TheTextShowsBothSideBySide()
    {
        using TemporaryFolder folder = new();
        Train(folder, "forward:0.5");

        JsonElement json = Json(folder, "--monte-carlo", "2");
        CommandRun text = Evaluate(folder, "--monte-carlo", "2");

        foreach ((string name, string property) in ((string, string)[])
            [("accuracy", "accuracy"), ("loss", "loss"), ("calibration error", "calibration_error")])
        {
            string line = Assert.Single(text.Lines, line => line.StartsWith($"{name} ", StringComparison.Ordinal));
            double off = json.GetProperty($"test_{property}").GetDouble(),
                on = json.GetProperty("monte_carlo").GetProperty($"test_{property}").GetDouble();
            Assert.Matches($@"^{name} +{off:f4} +{on:f4}$", line);
        }

        Assert.Equal("", text.Error);
    }

    [Fact]
    public void BackwardDropoutIsSaidToHavePassesThatAreAlike()
    {
        using TemporaryFolder folder = new();
        Train(folder, "backward:0.5");

        CommandRun run = Evaluate(folder, "--monte-carlo", "4", "--json");
        JsonElement json = JsonDocument.Parse(run.Output).RootElement;

        Assert.StartsWith("dropoutlab: backward:0.5 drops nothing in the forward pass",
            Assert.Single(run.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.False(json.GetProperty("monte_carlo").GetProperty("passes_differ").GetBoolean());
        Assert.Equal(json.GetProperty("test_loss").GetDouble(), Loss(json), 1e-6);
        Assert.Equal(
            json.GetProperty("test_calibration_error").GetDouble(),
            json.GetProperty("monte_carlo").GetProperty("test_calibration_error").GetDouble());
    }

    /// <summary>One of the two is what oneDNN prefers here, and the other elsewhere.</summary>
    [Theory]
    [InlineData("f32")]
    [InlineData("bf16")]
    public void TheRunsPrecisionIsKept(string precision)
    {
        TestBackends.OneDnn().Dispose();
        using TemporaryFolder folder = new();
        CommandRun.Succeed(
            "train", "--model", "logistic-regression", "--epochs", "1", "--batch-size", "50", "--quiet", "--backend", "onednn",
            "--precision", precision, "--threads", "1", "--data-dir", TinyCifar.Make(folder), "--out", folder["run"]);

        JsonElement json = Json(folder);

        Assert.Equal(precision, json.GetProperty("precision").GetString());
        Assert.Equal(Assert.Single(MetricsFile.Read(folder["run"])).TestLoss, json.GetProperty("test_loss").GetDouble());
    }

    private static double Loss(JsonElement result) => result.GetProperty("monte_carlo").GetProperty("test_loss").GetDouble();

    private static void Train(TemporaryFolder folder, string rule) => CommandRun.Succeed(
        ["train", "--model", "logistic-regression", "--dropout", rule, "--epochs", "1", "--batch-size", "50", "--seed",
            "5", "--quiet", "--data-dir", TinyCifar.Make(folder), "--out", folder["run"], .. CommandRun.Small]);

    private static CommandRun Evaluate(TemporaryFolder folder, params IReadOnlyList<string> options) =>
        CommandRun.Succeed(["evaluate", folder["run"], "--data-dir", folder["data"], .. options]);

    private static JsonElement Json(TemporaryFolder folder, params IReadOnlyList<string> options) =>
        JsonDocument.Parse(Evaluate(folder, [.. options, "--json"]).Output).RootElement;
}
