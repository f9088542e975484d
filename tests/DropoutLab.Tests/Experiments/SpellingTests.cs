using System.Text;
using DropoutLab.Auditing;
using DropoutLab.Backends;
using DropoutLab.Cli.Commands;
using DropoutLab.Dropout;
using DropoutLab.Experiments;
using DropoutLab.Models;
using DropoutLab.Runs;
using DropoutLab.Tests.Cli;
using DropoutLab.Tests.Definitions;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Experiments;

/// <summary>Dropout may be written in many ways. Cells and runs are compared by what it comes to.</summary>
public sealed class SpellingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string, Dropped, Dropped> Same => new()
    {
        { "mlp", new("standard:0.3"), new("standard:0.3", "fc2,fc3") },
        { "mlp", new("standard:0.3"), new("standard:0.3", "fc3,fc2") },
        { "mlp", new("standard:0.3"), new("standard:0.3", "fc2*,fc3") },
        { "mlp", new("standard:0.3"), new("standard:0.3", "fc1=0,fc2,fc3") },
        { "mlp", new("standard:0.3"), new("standard:0.3", "*,fc1=0") },
        { "mlp", new("standard:0.3"), new("standard:0.7", "fc2=0.30,fc3=3e-1") },
        { "mlp", new("standard:0.3"), new("standard:0.30") },
        { "mlp", new("standard:0.3"), new("standard:3e-1") },
        { "mlp", new("standard:0.3"), new("standard:0.3..0.3@100") },
        { "mlp", new("standard:0.3"), new("standard:0.3,0.3@100") },
        { "mlp", new("standard:0.1,0.3@100"), new("standard:0.1,0.1@50,0.3@100,0.3@200") },
        { "mlp", new("standard:0.1..0.3@1"), new("standard:0.1,0.3@1") },
        { "mlp", new("standard:0.3"), new("augmented:0.3/0") },
        { "mlp", new("forward:0.3"), new("augmented-independent:0.3/0") },
        { "mlp", new("augmented:0/0.3"), new("augmented-independent:0/0.3") },
        { "mlp", new("none"), new("none", "fc1", "per-minibatch") },
        { "mlp", new("none"), new("standard:0", "fc2") },
        { "mlp", new("none"), new("standard:0.3", "fc1=0") },
        { "mlp", new("none"), new("augmented:0/0..0@7") },
        { "mlp", new("standard:0.3"), new("standard:0.3", Sharing: "channel") },
        { "mlp", new("standard:0.3", "fc2"), new("standard:0.3", "fc2", "shape:*,*") },
        { "mlp", new("standard:0.3", "fc1", "shape:4,3072"), new("standard:0.3", "fc1") },
        { "mlp", new("standard:0.3", "fc2", "shape:1,*"), new("standard:0.3", "fc2", "per-minibatch") },
        { "convnet-quick", new("standard:0.3", "conv2"), new("standard:0.3", "conv2", "shape:4,*,*,*") },
        { "convnet-quick", new("standard:0.3", "conv2", "channel"), new("standard:0.3", "conv2", "shape:*,1,1,*") },
    };

    public static TheoryData<string, Dropped, Dropped> Different => new()
    {
        { "mlp", new("standard:0.3"), new("standard:0.3", "fc2") },
        { "mlp", new("standard:0.3"), new("standard:0.3", "*") },
        { "mlp", new("standard:0.3"), new("standard:0.3", "fc2,fc3=0.2") },
        { "mlp", new("standard:0.3"), new("forward:0.3") },
        { "mlp", new("standard:0.3"), new("augmented:0.3/0.0001") },
        { "mlp", new("backward:0.3"), new("augmented:0/0.3") },
        { "mlp", new("standard:0.3"), new("standard:0.3", Sharing: "per-minibatch") },
        { "mlp", new("standard:0..0.3@100"), new("standard:0..0.3@101") },
        { "convnet-quick", new("standard:0.3", "conv2"), new("standard:0.3", "conv2", "channel") },
    };

    [Theory]
    [MemberData(nameof(Same))]
    public void CellsThatDropTheSameAreOne(string model, Dropped one, Dropped other)
    {
        List<SweepMistake> mistakes = Mistakes(model, one, other);

        SweepMistake mistake = Assert.Single(mistakes);
        Assert.Contains("is the same as the cell of line 3", mistake.Reason, StringComparison.Ordinal);
        Assert.Null(Configuration(model, one).FirstDifference(Configuration(model, other)));
        Assert.True(Arrays(model, one).AsSpan().SequenceEqual(Arrays(model, other)), "a step's arrays differ");
    }

    [Theory]
    [MemberData(nameof(Different))]
    public void CellsThatDropOtherwiseAreNot(string model, Dropped one, Dropped other)
    {
        Assert.Empty(Mistakes(model, one, other));
        Assert.NotNull(Configuration(model, one).FirstDifference(Configuration(model, other)));
    }

    [Fact]
    public void BothSpellingsAreNamed()
    {
        SweepMistake mistake = Assert.Single(Mistakes("mlp", new("standard:0.3"), new("augmented:0.3/0", "fc3,fc2")));

        Assert.Equal(
            "line 4, cell: augmented-0.3-0-at-fc3+fc2 is the same as the cell of line 3: augmented:0.3/0 at fc3,fc2, per-datum "
            + "drops what standard:0.3 at all, per-datum drops; leave out one",
            $"{mistake}");
    }

    /// <summary>
    /// A sweep takes over what <c>train</c> has made under another spelling, finished or not, and <c>train</c> goes on with it.
    /// </summary>
    [Fact]
    public void ARunOfAnotherSpellingIsTheSameRun()
    {
        string data = TinyCifar.Make(folder);
        string[] settings =
            ["--model", "mlp", "--batch-size", "50", "--epochs", "2", "--dropout", "standard:0.3", "--data-dir", data,
                .. CommandRun.Small];
        CommandRun.Succeed(["train", .. settings, "--dropout-at", "fc3,fc2", "--out", folder["out", "runs", "copied"]]);
        byte[] checkpoint = File.ReadAllBytes(folder["out", "runs", "copied", Checkpoint.FileName]);
        Restart(folder["out", "runs", "copied"]);

        CommandRun.Succeed(
            ["train", "--resume", .. settings, "--dropout-at", "fc2,fc3", "--out", folder["out", "runs", "copied"]]);
        Assert.Equal(checkpoint, File.ReadAllBytes(folder["out", "runs", "copied", Checkpoint.FileName]));
        Restart(folder["out", "runs", "copied"]);
        string file = folder.Make("sweep.yaml", Encoding.UTF8.GetBytes(
            "recipe: {model: mlp, backend: reference, epochs: 2, batch-size: 50}\naxes: {dropout: [none, 'standard:0.30']}"));
        CommandRun.Succeed("sweep", file, "--out", folder["out"], "--data-dir", data, "--threads", "1");

        Assert.Equal(checkpoint, File.ReadAllBytes(folder["out", "runs", "standard-0.30-s1", Checkpoint.FileName]));
        Assert.Equal(2, SweepSummary.Read(folder["out"]).Count(RunState.Finished));
    }

    private static void Restart(string run)
    {
        File.Delete(Path.Combine(run, Checkpoint.FileName));
        File.Delete(Path.Combine(run, MetricsFile.FileName));
    }

    private static List<SweepMistake> Mistakes(string model, Dropped one, Dropped other)
    {
        List<SweepMistake> mistakes = [];
        string yaml = $"recipe: {{model: {model}, backend: reference, batch-size: 4}}\ncells:\n- {one.Yaml}\n- {other.Yaml}";
        using TrainRunSettings settings = new();
        SweepPlan.Make(SweepFile.Parse(yaml, "spellings", mistakes), settings, mistakes,
            new Dictionary<string, string> { ["threads"] = "1" });
        return mistakes;
    }

    private static RunConfiguration Configuration(string model, Dropped dropped) => MadeUpSweep.Configuration(dropped.Rule) with
    {
        Model = model,
        BatchSize = 4,
        DropoutAt = SiteSelection.Parse(dropped.At),
        MaskSharing = MaskSharing.Parse(dropped.Sharing),
    };

    /// <summary>Every array of a training step.</summary>
    private static double[] Arrays(string model, Dropped dropped)
    {
        RunConfiguration configuration = Configuration(model, dropped);
        Network network = configuration.CreateNetwork();
        using Backend backend = TestBackends.Reference();
        StepAudit step = StepAudit.Run(
            network, configuration.ToDropout(), MadeUpInput.Minibatch(network, configuration.BatchSize, seed: 3, step: 150),
            backend, Precision.Float32);
        return [.. step.Layers
            .SelectMany(layer => (AuditedArray[])[layer.Output, layer.OutputGradient, layer.WeightGradient, layer.InputGradient])
            .SelectMany(array => array.Values)];
    }

    /// <summary>What a cell or a run says of its dropout.</summary>
    public sealed record Dropped(string Rule, string At = "all", string Sharing = "per-datum")
    {
        internal string Yaml => $"{{dropout: ['{Rule}'], dropout-at: ['{At}'], mask-sharing: ['{Sharing}']}}";
    }
}
