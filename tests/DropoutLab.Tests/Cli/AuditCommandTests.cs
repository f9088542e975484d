using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Storage;
using DropoutLab.Tests.Definitions;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Cli;

/// <summary>dropoutlab audit: what it writes, and what it says of that.</summary>
public sealed class AuditCommandTests
{
    [Fact]
    public void WritesTheStepAndSaysWhatItWrote()
    {
        using TemporaryFolder folder = new();

        CommandRun run = CommandRun.Succeed(
            ["audit", "--dropout", "augmented:0.3/0.1", "--batch-size", "2", "--step", "4", "--seed", "6", "--out",
                folder["step.safetensors"], .. CommandRun.Small]);

        Assert.Equal(["step.safetensors"], folder.Files());
        SafetensorsFile file = SafetensorsFile.Read(folder["step.safetensors"]);
        Assert.Equal(("4", "6"), (file.Metadata["step"], file.Metadata["seed"]));
        Assert.Equal(("made-up", "initial"), (file.Metadata["image_source"], file.Metadata["parameter_source"]));
        Assert.Contains(run.Lines, line => line.StartsWith("written ", StringComparison.Ordinal)
            && line.Contains(folder["step.safetensors"], StringComparison.Ordinal));
        Assert.Contains(run.Lines, line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(5)
            .SequenceEqual(["conv2", "[32,", "32,", "5,", "5]"]));
        Assert.Contains("L.forward_factor", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void EqualArgumentsGiveEqualBytesWhereverTheyAreWritten()
    {
        using TemporaryFolder folder = new();
        byte[] Bytes(string name, params string[] more)
        {
            CommandRun.Succeed(["audit", "--model", "mlp", "--dropout", "standard:0.5", "--batch-size", "2", "--out",
                folder[name], .. CommandRun.Small, .. more]);
            return File.ReadAllBytes(folder[name]);
        }

        byte[] first = Bytes("first");
        Assert.Equal(first, Bytes("second"));
        Assert.Equal(first, Bytes("second", "--seed", "1"));
        Assert.NotEqual(first, Bytes("second", "--seed", "2"));
        Assert.NotEqual(first, Bytes("second", "--step", "1"));
    }

    [Fact]
    public void TheStepDecidesTheMasksAndNothingElseThatIsGiven()
    {
        using TemporaryFolder folder = new();
        SafetensorsFile Step(string number)
        {
            CommandRun.Succeed(["audit", "--model", "mlp", "--dropout", "standard:0.5", "--step", number, "--out", folder[number],
                .. CommandRun.Small]);
            return SafetensorsFile.Read(folder[number]);
        }

        SafetensorsFile one = Step("1"), two = Step("2");

        Assert.Equal(Values(one, "images"), Values(two, "images"));
        Assert.Equal(Values(one, "fc2.weight"), Values(two, "fc2.weight"));
        Assert.NotEqual(Values(one, "fc2.forward_factor"), Values(two, "fc2.forward_factor"));
    }

    [Fact]
    public void F64IsTheReferenceBackends()
    {
        using TemporaryFolder folder = new();

        CommandRun.Succeed("audit", "--model", "logistic-regression", "--precision", "f64", "--out", folder["step"]);

        SafetensorsFile file = SafetensorsFile.Read(folder["step"]);
        Assert.Equal("f64", file.Metadata["precision"]);
        Assert.StartsWith("reference", file.Metadata["backend"], StringComparison.Ordinal);
        Assert.All(file.Arrays, array => Assert.Equal(array.Name == "labels" ? StoredType.I32 : StoredType.F64, array.Type));
    }

    [Fact]
    public void OneDnnHasNoF64()
    {
        TestBackends.OneDnn().Dispose();

        CommandRun.Of("audit", "--model", "resnet20", "--batch-size", "1024")
            .FailsWith("--batch-size 1024", "resnet20", "choose a smaller one");
        CommandRun.Of("audit", "--precision", "f64", "--backend", "onednn")
            .FailsWith("--precision: ", "onednn", "f64", "--backend reference");
    }

    [Fact]
    public void TakesTheFirstImagesOfADataSet()
    {
        using TemporaryFolder folder = new();
        string data = TinyCifar.Make(folder);

        CommandRun.Succeed(["audit", "--dataset", "cifar10", "--data-dir", data, "--batch-size", "2", "--out", folder["step"],
            .. CommandRun.Small]);

        SafetensorsFile file = SafetensorsFile.Read(folder["step"]);
        ImageSet train = DatasetCatalog.Load("cifar10", data, cancellation: TestContext.Current.CancellationToken).Train;
        float[] mean = PixelStatistics.Of(train).MeanImage.ToArray();
        float[] expected = [.. train.Image(0).ToArray().Zip(mean, (pixel, m) => pixel - m),
            .. train.Image(1).ToArray().Zip(mean, (pixel, m) => pixel - m)];
        Assert.Equal(expected, Values(file, "images"));
        Assert.Equal([train.Labels.Span[0], train.Labels.Span[1]], file.Values<int>("labels", [2]).ToArray());
        Assert.Equal("cifar10", file.Metadata["image_source"]);
    }

    [Fact]
    public void WhatCannotBeWrittenLeavesNothing()
    {
        using TemporaryFolder folder = new();
        folder.Make("old", [1, 2, 3]);

        CommandRun.Of("audit", "--out", folder.Root).FailsWith("--out", folder.Root, "a file is needed");
        CommandRun.Of(["audit", "--model", "mlp", "--out", folder["no", "step"], .. CommandRun.Small])
            .FailsWith(folder["no", "step"], "folder does not exist");
        CommandRun.Of("audit", "--out", folder["old"], "--dropout", "standard:0.3", "--dropout-at", "fc9")
            .FailsWith("fc9", "conv1, conv2, conv3, fc1, fc2");
        CommandRun.Of(
            "audit", "--out", folder["old"], "--dataset", "cifar10", "--batch-size", "301", "--data-dir", TinyCifar.Make(folder))
            .FailsWith("--batch-size 301", "cifar10", "300");

        Assert.Equal([1, 2, 3], File.ReadAllBytes(folder["old"]));
        Assert.DoesNotContain(folder.Files(), file => file.EndsWith(".tmp", StringComparison.Ordinal));
    }

    private static float[] Values(SafetensorsFile file, string name) =>
        file.Arrays.Single(array => array.Name == name).Values<float>().ToArray();
}
