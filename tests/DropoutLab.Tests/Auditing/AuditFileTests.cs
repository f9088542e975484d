using DropoutLab.Auditing;
using DropoutLab.Backends;
using DropoutLab.Dropout;
using DropoutLab.Models;
using DropoutLab.Storage;
using DropoutLab.Tests.Definitions;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Auditing;

/// <summary>
/// A file of an audit holds the audit's numbers, under the names and with the metadata that docs/audit.md promises.
/// </summary>
public sealed class AuditFileTests
{
    private static readonly string[] OfALayer =
    [
        "weight", "bias", "input", "forward_factor", "backward_factor", "output", "grad_output", "grad_weight", "grad_bias",
        "grad_input",
    ];

    [Theory]
    [InlineData(Precision.Float32, StoredType.F32)]
    [InlineData(Precision.Float64, StoredType.F64)]
    public void EveryArrayIsThereByNameTypeAndLayout(Precision precision, StoredType type)
    {
        using TemporaryFolder folder = new();
        AuditFile.Write(folder["step"], Audit(precision), new Dictionary<string, string> { ["image_source"] = "made-up" });
        SafetensorsFile file = SafetensorsFile.Read(folder["step"]);
        string[] layers = ["conv1", "conv2", "conv3", "fc1"];
        string[] names = ["images", "labels", "loss", .. layers.SelectMany(layer => OfALayer.Select(name => $"{layer}.{name}"))];

        Assert.Equal(names.Order(), file.Arrays.Select(array => array.Name).Order());
        Assert.All(file.Arrays, array => Assert.Equal(array.Name == "labels" ? StoredType.I32 : type, array.Type));
        Assert.All(file.Arrays, array => Assert.Equal(
            file.Metadata[$"{array.Name}.layout"] is var layout && layout == "scalar" ? 0 : layout.Length, array.Shape.Length));
        Assert.Equal("NHWC", file.Metadata["images.layout"]);
        Assert.Equal(("OIHW", "NHWC", "NHWC", "O"), Layouts(file, "conv3"));
        Assert.Equal(("OI", "NI", "NO", "O"), Layouts(file, "fc1"));
        Assert.Equal(string.Join(',', layers), file.Metadata["layers"]);
        Assert.Equal(
            ("convolution", "2", "1", "linear"),
            (file.Metadata["conv3.kind"], file.Metadata["conv3.stride"], file.Metadata["conv3.padding"],
                file.Metadata["fc1.kind"]));
        Assert.Equal("made-up", file.Metadata["image_source"]);
    }

    [Fact]
    public void TheNumbersAreTheAuditsOwn()
    {
        StepAudit audit = Audit(Precision.Float64);
        using TemporaryFolder folder = new();
        AuditFile.Write(folder["step"], audit);
        SafetensorsFile file = SafetensorsFile.Read(folder["step"]);
        LayerAudit layer = audit.Layers[2];

        Assert.Equal(audit.Loss, file.Values<double>("loss", [])[0]);
        Assert.Equal(audit.Labels, file.Values<int>("labels", [3]).ToArray());
        Assert.Equal(audit.Images.Values, Values("images", audit.Images));
        Assert.Equal(layer.Weight.Values, Values("conv3.weight", layer.Weight));
        Assert.Equal(layer.Bias!.Values, Values("conv3.bias", layer.Bias));
        Assert.Equal(layer.Input.Values, Values("conv3.input", layer.Input));
        Assert.Equal(layer.ForwardFactor.Values, Values("conv3.forward_factor", layer.ForwardFactor));
        Assert.Equal(layer.BackwardFactor.Values, Values("conv3.backward_factor", layer.BackwardFactor));
        Assert.Equal(layer.Output.Values, Values("conv3.output", layer.Output));
        Assert.Equal(layer.OutputGradient.Values, Values("conv3.grad_output", layer.OutputGradient));
        Assert.Equal(layer.WeightGradient.Values, Values("conv3.grad_weight", layer.WeightGradient));
        Assert.Equal(layer.BiasGradient!.Values, Values("conv3.grad_bias", layer.BiasGradient));
        Assert.Equal(layer.InputGradient.Values, Values("conv3.grad_input", layer.InputGradient));

        double[] Values(string name, AuditedArray array) => file.Values<double>(name, array.Shape.Axes).ToArray();
    }

    [Fact]
    public void TheMetadataSayWhatTheStepIsAFunctionOf()
    {
        IReadOnlyDictionary<string, string> metadata = AuditFile.Metadata(Audit(Precision.Float64));

        Assert.Equal("dropoutlab-audit-1", metadata["format"]);
        Assert.Equal(LibraryVersion.Text, metadata["dropoutlab"]);
        Assert.Equal("convolutional", metadata["network"]);
        Assert.Equal("augmented:0.4/0.0002", metadata["dropout"]);
        Assert.Equal(("0.4", "0.0002"), (metadata["conv2.drop_probability"], metadata["second_drop_probability"]));
        Assert.Equal("conv2,conv3,fc1", metadata["dropout_at"]);
        Assert.Equal("per-datum", metadata["mask_sharing"]);
        Assert.Equal(("18446744073709551615", "7"), (metadata["seed"], metadata["step"]));
        Assert.Equal("f64", metadata["precision"]);
        Assert.StartsWith("reference: ", metadata["backend"], StringComparison.Ordinal);
    }

    [Fact]
    public void APlainRuleIsAtNoSite()
    {
        Network network = SmallNetworks.Dense;
        using Backend backend = TestBackends.Reference();

        StepAudit audit = StepAudit.Run(
            network, DropoutSettings.None, MadeUpInput.Minibatch(network, 2, seed: 1), backend, Precision.Float32);

        Assert.Equal("", AuditFile.Metadata(audit)["dropout_at"]);
    }

    private static StepAudit Audit(Precision precision)
    {
        Network network = SmallNetworks.Convolutional;
        using Backend backend = TestBackends.Reference();
        StepInput input = MadeUpInput.Minibatch(network, batchSize: 3, seed: ulong.MaxValue, step: 7);
        DropoutSettings dropout = new(DropoutRule.Augmented(0.4, 0.0002));
        return StepAudit.Run(
            network, dropout, input with { Parameters = MadeUpInput.Parameters(network, seed: 4) }, backend, precision);
    }

    private static (string Weight, string Input, string Output, string Bias) Layouts(SafetensorsFile file, string layer)
    {
        string Of(string name) => file.Metadata[$"{layer}.{name}.layout"];
        Assert.All(["forward_factor", "backward_factor", "grad_input"], name => Assert.Equal(Of("input"), Of(name)));
        Assert.Equal((Of("weight"), Of("output"), Of("bias")), (Of("grad_weight"), Of("grad_output"), Of("grad_bias")));
        return (Of("weight"), Of("input"), Of("output"), Of("bias"));
    }
}
