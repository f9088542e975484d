using System.Globalization;
using System.Text;
using System.Text.Json;
using DropoutLab.Experiments;
using DropoutLab.Runs;
using DropoutLab.Storage;
using DropoutLab.Tests.Cli;
using DropoutLab.Tests.Experiments;

namespace DropoutLab.Tests.Storage;

/// <summary>Whoever reads numbers of JSON as doubles, as JavaScript and jq do, reads every seed as it is.</summary>
public sealed class ExactNumberTests : IDisposable
{
    private const string Recipe = "recipe: {model: logistic-regression, backend: reference, epochs: 1, batch-size: 100}\n";
    private const ulong FirstText = 9_007_199_254_740_992;

    private static readonly JsonSerializerOptions Json = new() { Converters = { new ExactNumberConverter() } };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0UL, "0")]
    [InlineData(FirstText - 1, "9007199254740991")]
    [InlineData(FirstText, "\"9007199254740992\"")]
    [InlineData(FirstText + 1, "\"9007199254740993\"")]
    [InlineData(ulong.MaxValue, "\"18446744073709551615\"")]
    public void ANumberIsATextWhereDoublesAreTooCoarse(ulong number, string json)
    {
        Assert.Equal(json, JsonSerializer.Serialize(number, Json));
        Assert.Equal(number, JsonSerializer.Deserialize<ulong>(json, Json));
        Assert.Equal(number, JsonSerializer.Deserialize<ulong>(json.Trim('"'), Json)); // As versions 0.1.0 and 0.2.0 wrote it.
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"-1\"")]
    [InlineData("\"18446744073709551616\"")]
    [InlineData("18446744073709551616")]
    [InlineData("1.5")]
    [InlineData("true")]
    public void WhatIsNoSeedIsRefused(string seed)
    {
        MadeUpSweep.Configuration("none").Write(folder.Root);
        string path = folder[RunConfiguration.FileName];
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"seed\": 1,", $"\"seed\": {seed},", StringComparison.Ordinal));

        OneLine.Throws(() => RunConfiguration.Read(folder.Root), path, "is not a run's configuration");
    }

    [Fact]
    public void EverySeedThatASweepAndItsRunsWriteIsExact()
    {
        string data = TinyCifar.Make(folder);
        string file = folder.Make("sweep.yaml", Encoding.UTF8.GetBytes(
            $"{Recipe}axes: {{dropout: [standard:0.5]}}\nseeds: [{FirstText - 1}..{FirstText + 1}]"));
        CommandRun.Succeed("sweep", file, "--out", folder["out"], "--data-dir", data, "--threads", "1");
        string run = folder["out", "runs", $"standard-0.5-s{FirstText + 1}"];
        CommandRun evaluated = CommandRun.Succeed("evaluate", run, "--monte-carlo", "1", "--json", "--data-dir", data);
        CommandRun.Succeed("train", "--resume", "--out", run, "--data-dir", data, "--seed", $"{FirstText + 1}");

        Dictionary<string, string> written =
            Directory.EnumerateFiles(folder["out"], "*.json", SearchOption.AllDirectories)
                .ToDictionary(path => path, File.ReadAllText);
        Assert.Equal(5, written.Count); // config.json of three runs, sweep.json, summary.json.
        foreach ((string path, string text) in written.Append(new("evaluate", evaluated.Lines[^1])))
            Assert.Equal(
                "", string.Join(", ", Inexact(JsonDocument.Parse(text).RootElement).Select(number => $"{path}: {number}")));
        Assert.Contains($"\"{FirstText + 1}\"", evaluated.Output, StringComparison.Ordinal);
        Assert.Equal(FirstText + 1, RunConfiguration.Read(run).Seed);
        Assert.Equal([FirstText - 1, FirstText, FirstText + 1], SweepSummary.Read(folder["out"]).Seeds);
        Assert.Equal(3, SweepSummary.Read(folder["out"]).Count(RunState.Finished));
    }

    /// <summary>A run and a sweep of an earlier version, whose files have numbers there, are what they were.</summary>
    [Fact]
    public void RunsThatHaveLargeSeedsAsNumbersGoOn()
    {
        string data = TinyCifar.Make(folder);
        string file = folder.Make("sweep.yaml", Encoding.UTF8.GetBytes(
            $"{Recipe}axes: {{dropout: [none]}}\nseeds: [{ulong.MaxValue}]"));
        string[] command = ["sweep", file, "--out", folder["out"], "--data-dir", data, "--threads", "1"];
        CommandRun.Succeed(command);
        foreach (string path in Directory.EnumerateFiles(folder["out"], "*.json", SearchOption.AllDirectories))
            File.WriteAllText(
                path, File.ReadAllText(path).Replace($"\"{ulong.MaxValue}\"", $"{ulong.MaxValue}", StringComparison.Ordinal));

        CommandRun again = CommandRun.Succeed(command);

        Assert.Contains("1 of 1 run finished", again.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void VerifySaysItsSeedExactly()
    {
        CommandRun verified = CommandRun.Succeed(
            ["verify", "--model", "logistic-regression", "--seed", $"{ulong.MaxValue}", "--json", .. CommandRun.Small]);

        Assert.Contains($"\"seed\":\"{ulong.MaxValue}\"", verified.Output, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Inexact(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Inexact(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Inexact),
        JsonValueKind.Number => IsExact(element.GetRawText()) ? [] : [element.GetRawText()],
        _ => [],
    };

    private static bool IsExact(string number) =>
        !ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out ulong whole) || whole < FirstText;
}
