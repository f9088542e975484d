using System.Text.Json;
using DropoutLab.Cli.Commands;
using DropoutLab.Runs;
using DropoutLab.Tests.Storage;
using DropoutLab.Training;

namespace DropoutLab.Tests.Cli;

public sealed class ReproduceCommandTests
{
    private static readonly string[] Rules = ["none", "standard:0.3", "forward:0.3", "backward:0.3"];

    [Fact]
    public void TrainsTheFourRulesAndEndsWithATable()
    {
        using TemporaryFolder folder = new();

        CommandRun run = CommandRun.Succeed("reproduce", "--quick", "--epochs", "1", "--threads", "1", "--data-dir",
            TinyCifar.Make(folder), "--out", folder["out"]);

        Assert.Equal(4, run.Lines.Count(line => line.Contains("epoch 1/1", StringComparison.Ordinal)));
        int head = run.Lines.ToList().FindIndex(line => line.StartsWith("dropout  ", StringComparison.Ordinal)
            && line.Contains("accuracy", StringComparison.Ordinal));
        Assert.Equal(Rules, run.Lines.Skip(head + 1).Take(4).Select(line => line.Split(' ')[0]));
        JsonElement results = JsonDocument.Parse(File.ReadAllText(folder["out", "results.json"])).RootElement;
        Assert.Equal(
            Rules, results.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("dropout").GetString()));
        Assert.Equal(TinyCifar.TrainCount, results.GetProperty("train_images").GetInt32());
    }

    /// <summary>At all sites forward dropout is dead on Fashion-MNIST.</summary>
    [Fact]
    public void DropoutIsWhereTable1HasIt()
    {
        using TemporaryFolder folder = new();
        string[] settings = ["--epochs", "1", "--threads", "1", "--data-dir", TinyCifar.Make(folder)];
        CommandRun.Succeed(
            ["train", "--dropout", "forward:0.3", "--dropout-at", "conv2,conv3", "--out", folder["run"], .. settings]);

        CommandRun run = CommandRun.Succeed(["reproduce", "--quick", "--out", folder["out"], .. settings]);

        JsonElement results = JsonDocument.Parse(File.ReadAllText(folder["out", "results.json"])).RootElement;
        Assert.Equal("conv2,conv3", results.GetProperty("dropout_at").GetString());
        JsonElement forward = results.GetProperty("results")[2].GetProperty("epochs")[0];
        EpochMetrics trained = Assert.Single(MetricsFile.Read(folder["run"]));
        Assert.Equal(trained.TrainLoss, forward.GetProperty("train_loss").GetDouble());
        Assert.Equal(trained.TestLoss, forward.GetProperty("test_loss").GetDouble());
        Assert.Contains(run.Lines, line => line.EndsWith("at the inputs of conv2, conv3", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0.00045, 1, 50_000, 10_000)] // a step of 100 images in 45 ms: one epoch
    [InlineData(0.0001, 5, 50_000, 10_000)] // 10 ms: as many as are ever chosen
    [InlineData(0.0002, 3, 50_000, 10_000)]
    [InlineData(0.005, 1, 6_500, 1_300)] // 500 ms: part of the images
    [InlineData(10, 1, 100, 100)] // never less than a batch
    public void ChoosesWhatFitsIntoTheTime(double secondsPerImage, int epochs, int trainImages, int testImages)
    {
        QuickPlan plan = QuickPlan.Choose(secondsPerImage, 50_000, 10_000, batchSize: 100, trainings: 4, budgetSeconds: 140);

        Assert.Equal((epochs, trainImages, testImages), (plan.Epochs, plan.TrainImages, plan.TestImages));
        Assert.True(plan.Seconds <= 140 || trainImages == 100);
    }

    [Fact]
    public void UsesAllImagesOfASetSmallerThanABatch()
    {
        QuickPlan plan = QuickPlan.Choose(10, 60, 30, batchSize: 100, trainings: 4, budgetSeconds: 140);

        Assert.Equal((60, 30), (plan.TrainImages, plan.TestImages));
    }
}
