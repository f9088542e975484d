using DropoutLab.Backends;
using DropoutLab.Data;
using DropoutLab.Tests.Definitions;
using DropoutLab.Training;

namespace DropoutLab.Tests.Training;

/// <summary>Data that a network does not fit are refused before the first step, in one line.</summary>
public sealed class TrainerChecksTests
{
    [Theory]
    [InlineData(3, 2, 1, 8, 1, "those of made-up's test set are 3×2×1")]
    [InlineData(2, 3, 2, 8, 1, "those of made-up's test set are 2×3×2")]
    [InlineData(3, 2, 2, 0, 1, "made-up's test set is empty")]
    [InlineData(3, 2, 2, 8, 4, "made-up's test set has label 4 at image 0: those of 4 classes are 0 to 3")]
    public void TestImages(int height, int width, int channels, int count, byte label, string complaint)
    {
        ImageSet test = new(height, width, channels, new byte[count * height * width * channels], Enumerable.Repeat(label, count).ToArray());

        Assert.Contains(complaint, Refusal(Images(label: 3), test), StringComparison.Ordinal);

        using Backend backend = TestBackends.Reference();
        using Trainer trainer = NewTrainer(backend, Images(label: 0), Images(label: 0));
        string again = complaint.Replace("made-up's test set", "the set to evaluate", StringComparison.Ordinal);
        Assert.Contains(again, Assert.Throws<DropoutLabException>(() => trainer.Evaluate(test, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        Assert.Contains(
            again, Assert.Throws<DropoutLabException>(() => trainer.EvaluateMonteCarlo(test, 2, cancellation: TestContext.Current.CancellationToken)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void LabelsToTrainOn() =>
        Assert.Equal("made-up's training set has label 9 at image 0: those of 4 classes are 0 to 3", Refusal(Images(label: 9), Images(label: 0)));

    private static ImageSet Images(byte label) => new(3, 2, 2, new byte[5 * 12], Enumerable.Repeat(label, 5).ToArray());

    private static string Refusal(ImageSet train, ImageSet test)
    {
        using Backend backend = TestBackends.Reference();
        return Assert.Throws<DropoutLabException>(() =>
        {
            using Trainer trainer = NewTrainer(backend, train, test);
        }).Message;
    }

    private static Trainer NewTrainer(Backend backend, ImageSet train, ImageSet test) =>
        new(SmallNetworks.Dense, new ImageDataset("made-up", ["a", "b", "c", "d"], train, test), new TrainingOptions(), backend);
}
