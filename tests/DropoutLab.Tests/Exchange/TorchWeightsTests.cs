using System.Text.Json;
using DropoutLab.Backends;
using DropoutLab.Backends.Reference;
using DropoutLab.Dropout;
using DropoutLab.Exchange;
using DropoutLab.Graph;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Runs;
using DropoutLab.Storage;
using DropoutLab.Tests.Cli;
using DropoutLab.Tests.Storage;
using DropoutLab.Training;

namespace DropoutLab.Tests.Exchange;

public sealed class TorchWeightsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void NamesAndLayoutsArePyTorchs()
    {
        Network network = Small();
        using ParameterStore parameters = Drawn(network, seed: 1);

        TorchWeights.Write(folder["w.safetensors"], network, parameters);

        SafetensorsFile file = SafetensorsFile.Read(folder["w.safetensors"]);
        Assert.Equal(
            [
                "conv.bias", "conv.norm.bias", "conv.norm.num_batches_tracked", "conv.norm.running_mean", "conv.norm.running_var",
                "conv.norm.weight", "conv.weight", "fc.bias", "fc.weight",
            ],
            file.Arrays.Select(array => array.Name).Order(StringComparer.Ordinal));
        Assert.Equal(parameters.ReadSingle("conv.weight", ParameterArray.Value), file.Values<float>("conv.weight", [2, 1, 3, 3]));
        Assert.Equal(parameters.ReadSingle("conv.norm.shift", ParameterArray.Value), file.Values<float>("conv.norm.bias", [2]));
        Assert.Equal([0L], file.Values<long>("conv.norm.num_batches_tracked", []).ToArray());
        // Row by row, column by column, channel by channel here; PyTorch's have the channel first.
        float[] own = parameters.ReadSingle("fc.weight", ParameterArray.Value);
        float[] theirs = file.Values<float>("fc.weight", [3, 24]).ToArray();
        for (int output = 0; output < 3; output++)
        {
            for (int channel = 0; channel < 2; channel++)
            {
                for (int pixel = 0; pixel < 12; pixel++)
                    Assert.Equal(own[output * 24 + pixel * 2 + channel], theirs[output * 24 + channel * 12 + pixel]);
            }
        }
    }

    [Fact]
    public void WhatWasWrittenIsReadBackAndACheckpointToo()
    {
        Network network = Small();
        using ParameterStore parameters = Drawn(network, seed: 1), other = Drawn(network, seed: 2),
            third = Drawn(network, seed: 3);
        TorchWeights.Write(folder["w.safetensors"], network, parameters);
        SafetensorsFile.Write(
            folder["own.safetensors"],
            [.. network.Parameters.Select(parameter => NamedArray.Create<float>(
                parameter.Name, parameter.Shape.Axes, parameters.ReadSingle(parameter.Name, ParameterArray.Value)))],
            new Dictionary<string, string> { ["epoch"] = "1" });

        Assert.Equal(8, TorchWeights.Read(folder["w.safetensors"], network, other).Count);
        Assert.Equal(8, TorchWeights.Read(folder["own.safetensors"], network, third).Count);

        foreach (Parameter parameter in network.Parameters)
        {
            float[] expected = parameters.ReadSingle(parameter.Name, ParameterArray.Value);
            Assert.Equal(expected, other.ReadSingle(parameter.Name, ParameterArray.Value));
            Assert.Equal(expected, third.ReadSingle(parameter.Name, ParameterArray.Value));
        }
    }

    [Fact]
    public void WhatDoesNotFitStaysAndNothingThatFitsIsAnError()
    {
        Network network = Small();
        using ParameterStore parameters = Drawn(network, seed: 1);
        float[] before = parameters.ReadSingle("fc.weight", ParameterArray.Value);
        Half[] halves = [(Half)1.5, (Half)(-2)];
        Make("part", NamedArray.Create<Half>("conv.bias", [2], halves), NamedArray.Create<float>("fc.weight", [1, 3], [1, 2, 3]));
        Make("none", NamedArray.Create<float>("other", [1], [1]));
        Make("nan", NamedArray.Create<float>("conv.bias", [2], [1, float.NaN]));

        Assert.Equal(["conv.bias"], TorchWeights.Read(folder["part"], network, parameters));

        Assert.Equal([1.5f, -2], parameters.ReadSingle("conv.bias", ParameterArray.Value));
        Assert.Equal(before, parameters.ReadSingle("fc.weight", ParameterArray.Value));
        Assert.Contains("has no array of the name and shape", Message("none"), StringComparison.Ordinal);
        Assert.Contains("finite weights are needed", Message("nan"), StringComparison.Ordinal);
        Assert.Equal([1.5f, -2], parameters.ReadSingle("conv.bias", ParameterArray.Value));

        string Message(string name) =>
            Assert.Throws<DropoutLabException>(() => TorchWeights.Read(folder[name], network, parameters)).Message;
    }

    /// <summary>A run without a completed epoch begins with the file again; one with a checkpoint needs it no more.</summary>
    [Fact]
    public void ARunBeginsWithAFile()
    {
        TinyCifar.Make(folder);
        string[] train =
            ["train", "--model", "logistic-regression", "--data-dir", folder["data"], .. CommandRun.Small, "--epochs"];
        CommandRun.Succeed([.. train, "1", "--out", folder["first"]]);
        CommandRun.Succeed("export", folder["first"], "--format", "safetensors", "--out", folder["first.safetensors"]);

        string said =
            CommandRun.Succeed([.. train, "1", "--out", folder["second"], "--from", folder["first.safetensors"]]).Output;
        File.Delete(folder["second", "checkpoint.safetensors"]);
        File.Delete(folder["second", "metrics.jsonl"]);
        CommandRun.Succeed("train", "--resume", "--out", folder["second"], "--data-dir", folder["data"]);
        double again = Loss("second");
        CommandRun.Succeed([.. train, "1", "--out", folder["third"], "--from", folder["first", "checkpoint.safetensors"]]);

        Assert.Contains("2 of 2 arrays from ", said, StringComparison.Ordinal);
        Assert.Equal(Loss("third"), again);
        Assert.NotEqual(Loss("first"), again);
        File.AppendAllText(folder["first.safetensors"], " ");
        CommandRun.Succeed("train", "--resume", "--out", folder["second"], "--data-dir", folder["data"]);
        File.Delete(folder["second", "checkpoint.safetensors"]);
        File.Delete(folder["second", "metrics.jsonl"]);
        CommandRun.Of("train", "--resume", "--out", folder["second"], "--data-dir", folder["data"])
            .FailsWith("is another file than the run was to begin with");

        double Loss(string run) => JsonDocument.Parse(File.ReadLines(folder[run, "metrics.jsonl"]).Last()).RootElement
            .GetProperty("train_loss").GetDouble();
    }

    private void Make(string name, params NamedArray[] arrays) =>
        SafetensorsFile.Write(folder[name], arrays, new Dictionary<string, string>());

    private static Network Small() => new("small", new Shape(4, 3, 1), 3, (builder, images) =>
    {
        Value h = new Conv2d("conv", 2, KernelSize: 3) { Padding = 1 }.Apply(builder, images);
        h = Operations.Relu(new BatchNorm("conv.norm").Apply(builder, h));
        return new Linear("fc", 3).Apply(builder, Operations.Flatten(h));
    });

    private static ParameterStore Drawn(Network network, ulong seed)
    {
        ParameterStore parameters = new(network.Parameters, Precision.Float32);
        parameters.Initialise(seed);
        System.Random random = new((int)seed);
        foreach (Parameter parameter in network.Parameters)
        {
            float[] values = [.. Enumerable.Range(0, parameter.Shape.Count).Select(_ => random.NextSingle())];
            parameters.Write(parameter.Name, ParameterArray.Value, values);
        }

        return parameters;
    }
}
