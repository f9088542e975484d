namespace DropoutLab.Models;

/// <summary>The sizes of a BERT encoder.</summary>
/// <param name="HiddenSize">D, the width of a token's state.</param>
/// <param name="LayerCount">Transformer layers.</param>
/// <param name="HeadCount">Attention heads of each layer, which share its width among them.</param>
/// <param name="IntermediateSize">The width between a layer's two feed-forward matrices.</param>
/// <param name="VocabularySize">Rows of the token embeddings: tokens are 0 to this, excluded.</param>
/// <param name="MaxPositions">Rows of the position embeddings, the tokens of the longest sentence.</param>
/// <param name="TypeCount">Rows of the type embeddings.</param>
/// <param name="LayerNormEpsilon">ε of the layer norms.</param>
/// <remarks>
/// Source: Devlin, Chang, Lee, Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
/// 2018.
/// </remarks>
public sealed record EncoderShape(
    int HiddenSize, int LayerCount, int HeadCount, int IntermediateSize, int VocabularySize, int MaxPositions = 512,
    int TypeCount = 2, double LayerNormEpsilon = 1e-12);
