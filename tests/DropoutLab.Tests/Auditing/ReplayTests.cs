using DropoutLab.Auditing;
using DropoutLab.Backends;
using DropoutLab.Dropout;
using DropoutLab.Models;
using DropoutLab.Storage;
using DropoutLab.Tests.Cli;
using DropoutLab.Tests.Definitions;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Auditing;

/// <summary>An audit is computed again from its file, its masks as data, to the same bits.</summary>
public sealed class ReplayTests
{
    private static readonly string[] Rules =
    [
        "none", "standard:0", "standard:0.3", "forward:0.3", "backward:0.3", "augmented:0.3/0.2", "augmented-independent:0.3/0.2",
        "augmented:0.1..0.7@9/0,0.4@3",
    ];

    public static TheoryData<string, string> NetworksAndRules() => SmallNetworks.With(Rules);

    [Theory, MemberData(nameof(NetworksAndRules))]
    public void EveryArrayHasTheSameBits(string name, string rule)
    {
        Network network = SmallNetworks.ByName(name);
        using TemporaryFolder folder = new();
        foreach (Backend backend in TestBackends.All())
        {
            using (backend)
            {
                foreach (Precision precision in Enum.GetValues<Precision>().Where(backend.Supports))
                {
                    StepAudit audit = Audit(network, new DropoutSettings(DropoutRule.Parse(rule)), backend, precision);
                    AuditFile.Write(folder["step"], audit);
                    StepAudit read = AuditFile.Read(folder["step"]), again = StepAudit.Replay(read, network, backend);

                    Assert.Empty(AuditFile.Differing(audit, read));
                    AssertSameMetadata(audit, again);
                    Assert.Empty(AuditFile.Differing(read, again));
                }
            }
        }
    }

    /// <summary>A site's own ratio, one of 0 among them, sharing, and sites that are not all.</summary>
    [Theory]
    [InlineData("augmented:0.3/0.2", "channel", "conv2=0.1,fc1")]
    [InlineData("standard:0.1..0.7@9", "per-minibatch", "conv3=0,conv2")]
    [InlineData("forward:0", "shape:*,*,1,1", "conv2=0.4")]
    public void RatiosOfSitesAndSharingsAreTheFiles(string rule, string sharing, string sites)
    {
        Network network = SmallNetworks.Convolutional;
        using TemporaryFolder folder = new();
        using Backend backend = TestBackends.Reference();
        DropoutSettings dropout = new(DropoutRule.Parse(rule), SiteSelection.Parse(sites), MaskSharing.Parse(sharing));
        StepAudit audit = Audit(network, dropout, backend, Precision.Float32);
        AuditFile.Write(folder["step"], audit);

        StepAudit again = StepAudit.Replay(AuditFile.Read(folder["step"]), network, backend);

        Assert.Empty(AuditFile.Differing(audit, again));
        AssertSameMetadata(audit, again);
        Assert.Contains(audit.Layers, layer => layer.ForwardFactor.Values.Contains(0));
    }

    /// <summary>What decides is the file's mask and not the seed: a bit that is changed there changes the step.</summary>
    [Fact]
    public void TheMasksAreTheFilesAndNotTheSeeds()
    {
        Network network = SmallNetworks.Dense;
        using Backend backend = TestBackends.Reference();
        StepAudit audit = Audit(network, new DropoutSettings(DropoutRule.Standard(0.5)), backend, Precision.Float64);
        int dropped = Array.IndexOf(audit.Layers[1].ForwardFactor.Values, 0);
        foreach (double[] factor in (double[][])[audit.Layers[1].ForwardFactor.Values, audit.Layers[1].BackwardFactor.Values])
            factor[dropped] = 2;

        StepAudit again = StepAudit.Replay(audit, network, backend);

        Assert.Equal(audit.Layers[1].ForwardFactor.Values, again.Layers[1].ForwardFactor.Values);
        Assert.Equal(audit.Layers[1].Input.Values, again.Layers[1].Input.Values);
        Assert.NotEqual(audit.Layers[1].Output.Values, again.Layers[1].Output.Values);
        Assert.Contains("fc2.output", AuditFile.Differing(audit, again).Select(array => array.Name));
    }

    [Fact]
    public void WhatIsNotTheAuditOfTheNetworkIsRefused()
    {
        using TemporaryFolder folder = new();
        using Backend backend = TestBackends.Reference();
        StepAudit audit = Audit(SmallNetworks.Residual, DropoutSettings.None, backend, Precision.Float32);
        AuditFile.Write(folder["step"], audit);
        SafetensorsFile file = SafetensorsFile.Read(folder["step"]);

        AssertRefused("not of dense", () => StepAudit.Replay(audit, SmallNetworks.Dense, backend));
        SafetensorsFile.Write(folder["old"], [.. file.Arrays.Where(array => array.Name != "conv2.norm.scale")], file.Metadata);
        StepAudit old = AuditFile.Read(folder["old"]);
        AssertRefused("no array conv2.norm.scale", () => StepAudit.Replay(old, SmallNetworks.Residual, backend));
        SafetensorsFile.Write(folder["less"], [.. file.Arrays.Where(array => array.Name != "conv2.output")], file.Metadata);
        AssertRefused("no array conv2.output", () => AuditFile.Read(folder["less"]));
        Dictionary<string, string> other = new(file.Metadata) { ["format"] = "else" };
        SafetensorsFile.Write(folder["other"], file.Arrays, other);
        AssertRefused("is no audit", () => AuditFile.Read(folder["other"]));
        SafetensorsFile.Write(folder["step"], file.Arrays, new Dictionary<string, string>(file.Metadata) { ["step"] = "-1" });
        AssertRefused("step '-1'", () => AuditFile.Read(folder["step"]));

        static void AssertRefused(string part, Action action) =>
            Assert.Contains(part, Assert.Throws<DropoutLabException>(action).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mlp", "augmented:0.3/0.1", "f64", "reference")]
    [InlineData("resnet20", "forward:0.2", "f32", "reference")]
    public void TheCommandComparesEveryBit(string model, string rule, string precision, string backend)
    {
        using TemporaryFolder folder = new();
        CommandRun.Succeed(
            "audit", "--model", model, "--dropout", rule, "--dropout-at", "*", "--precision", precision, "--backend", backend,
            "--batch-size", "2", "--step", "3", "--parameters", "random", "--out", folder["step"]);
        byte[] before = File.ReadAllBytes(folder["step"]);

        CommandRun run = CommandRun.Succeed("audit", "--replay", folder["step"]);

        Assert.Contains("every bit the same", run.Output, StringComparison.Ordinal);
        Assert.Contains(backend, run.Output, StringComparison.Ordinal);
        Assert.Equal(["step"], folder.Files());
        Assert.Equal(before, File.ReadAllBytes(folder["step"]));
        CommandRun.Of("audit", "--replay", folder["step"], "--model", "mlp").FailsWith("--replay", "--model");
        CommandRun.Of("audit", "--replay", folder["none"]).FailsWith(folder["none"]);
    }

    [Fact]
    public void TheCommandNamesWhatDiffers()
    {
        using TemporaryFolder folder = new();
        string[] step = ["--model", "mlp", "--dropout", "standard:0.5", "--batch-size", "2"];
        CommandRun.Succeed(["audit", .. step, "--out", folder["step"], .. CommandRun.Small]);
        SafetensorsFile file = SafetensorsFile.Read(folder["step"]);
        NamedArray output = file.Arrays.Single(array => array.Name == "fc3.output");
        float[] values = output.Values<float>().ToArray();
        values[0] = MathF.BitIncrement(values[0]);
        NamedArray changed = NamedArray.Create<float>(output.Name, output.Shape, values);
        SafetensorsFile.Write(folder["changed"], [.. file.Arrays.Where(array => array != output), changed], file.Metadata);

        CommandRun run = CommandRun.Of("audit", "--replay", folder["changed"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("1 of them different", run.Output, StringComparison.Ordinal);
        Assert.Contains("fc3.output", run.Output, StringComparison.Ordinal);
    }

    private static void AssertSameMetadata(StepAudit one, StepAudit other) => Assert.Equal(Sorted(one), Sorted(other));

    private static IEnumerable<string> Sorted(StepAudit audit) => AuditFile.Metadata(audit).Select(entry => $"{entry}").Order();

    private static StepAudit Audit(Network network, DropoutSettings dropout, Backend backend, Precision precision)
    {
        StepInput input = MadeUpInput.Minibatch(network, batchSize: 5, seed: 12, step: 4);
        IReadOnlyDictionary<string, double[]> parameters = MadeUpInput.Parameters(network, seed: 4);
        return StepAudit.Run(network, dropout, input with { Parameters = parameters }, backend, precision);
    }
}
