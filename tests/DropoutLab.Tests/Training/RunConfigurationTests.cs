using System.Text;
using System.Text.Json.Nodes;
using DropoutLab.Backends;
using DropoutLab.Data.Images;
using DropoutLab.Dropout;
using DropoutLab.Objectives;
using DropoutLab.Optimization;
using DropoutLab.Runs;
using DropoutLab.Tests.Experiments;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Training;

/// <summary>config.json: texts in the file, types in the program.</summary>
public sealed class RunConfigurationTests : IDisposable
{
    private const string Text =
        """
        {
          "model": "mlp",
          "dataset": "cifar10",
          "recipe": "poster",
          "dropout": "augmented:0.1,0.3@20/0.0002",
          "dropout_at": "fc*,fc1=0.2",
          "mask_sharing": "shape:*,1",
          "epochs": 2,
          "batch_size": 100,
          "learning_rate": 0.001,
          "objective": "cross-entropy",
          "label_smoothing": 0.1,
          "optimizer": "adamw",
          "momentum": 0,
          "weight_decay": 0.02,
          "maximum_gradient_norm": 0.5,
          "augmentation": "crop+flip",
          "seed": 1,
          "precision": "bf16",
          "backend": "onednn",
          "threads": 1,
          "environment": {}
        }

        """;

    private static readonly RunConfiguration Typed = MadeUpSweep.Configuration("augmented:0.1,0.3@20/0.0002") with
    {
        Model = "mlp",
        DropoutAt = ["fc*", "fc1=0.2"],
        MaskSharing = MaskSharing.Shape(null, 1),
        Objective = new CrossEntropy(LabelSmoothing: 0.1),
        Optimizer = new AdamW(weightDecay: 0.02) { MaximumGradientNorm = 0.5 },
        Augmentation = Augmentation.CropAndFlip,
        Precision = Precision.BFloat16,
        Environment = new Dictionary<string, string>(),
    };

    private readonly TemporaryFolder folder = new();

    private string Path => folder[RunConfiguration.FileName];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ItIsWrittenByteByByte()
    {
        Typed.Write(folder.Root);

        Assert.Equal(Text, Encoding.UTF8.GetString(File.ReadAllBytes(Path)));
    }

    /// <summary>Objective and optimiser are of several entries each.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ItIsReadInWhateverOrder(bool reversed)
    {
        JsonObject entries = JsonNode.Parse(Text)!.AsObject();
        IEnumerable<KeyValuePair<string, JsonNode?>> ordered = reversed ? entries.Reverse() : entries;
        JsonObject file = new(ordered.Select(entry => KeyValuePair.Create(entry.Key, entry.Value?.DeepClone())));
        File.WriteAllText(Path, file.ToJsonString());

        RunConfiguration read = RunConfiguration.Read(folder.Root);

        Assert.Equal(Typed.ToDropout(), read.ToDropout());
        Assert.Equal((Typed.Objective, Typed.Optimizer), (read.Objective, read.Optimizer));
        Assert.Equal((Typed.Augmentation, Typed.Precision), (read.Augmentation, read.Precision));
        Assert.Null(Typed.FirstDifference(read));
    }

    [Theory]
    [InlineData("\"augmented:0.1,0.3@20/0.0002\"", "\"standard:1\"", "dropout ratio 1 is out of range")]
    [InlineData("\"fc*,fc1=0.2\"", "\"\"", "the list of dropout sites is empty")]
    [InlineData("\"shape:*,1\"", "\"per-image\"", "mask sharing 'per-image' is unknown")]
    [InlineData("\"cross-entropy\"", "\"hinge\"", "there is no objective 'hinge': choose cross-entropy or mean-square-error")]
    [InlineData("\"adamw\"", "\"lion\"", "there is no optimiser 'lion': choose sgd or adamw")]
    [InlineData("\"crop+flip\"", "\"blur\"", "there is no augmentation 'blur'")]
    [InlineData("\"bf16\"", "\"f16\"", "there is no precision 'f16'")]
    [InlineData("\"bf16\"", "null", "a text is needed")]
    [InlineData("\"bf16\"", "16", "not a run's configuration")]
    [InlineData("\"momentum\": 0,", "", "momentum")]
    [InlineData("\"weight_decay\": 0.02,", "", "weight")]
    public void WhatMeansNothingIsFoundWhereItIsRead(string before, string after, string reason)
    {
        Assert.Contains(before, Text, StringComparison.Ordinal);
        File.WriteAllText(Path, Text.Replace(before, after, StringComparison.Ordinal));

        OneLine.Throws(() => RunConfiguration.Read(folder.Root), $"{Path} is not a run's configuration", reason);
    }

    [Fact]
    public void WhatTheFileCannotSayIsNotWritten()
    {
        RunConfiguration faster = Typed with { Optimizer = new AdamW { Beta1 = 0.8 } };
        RunConfiguration left = Typed with { Objective = new CrossEntropy(Logits: "left") };

        OneLine.Throws(() => faster.Write(folder.Root), "Beta1 = 0.8", "Beta1 = 0.9");
        OneLine.Throws(() => left.Write(folder.Root), "Logits = left");

        Assert.False(File.Exists(Path));
    }
}
